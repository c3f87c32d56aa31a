#include "kernel/cli/plugin_skeleton.hpp"

#include <algorithm>
#include <fstream>

#include "plugin_skeleton_files.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::string_view kReadme = R"(# @NAME@

Build against the installed SDK, install the package folder, trust it, switch it on:

    cmake -S . -B build && cmake --build build
    cp -r build/plugins/@NAME@ <plugins folder>/
    driftstack plugin pin @NAME@
    # in driftstack.toml:  [plugins.@NAME@]  enabled = true
)";

std::string filled(std::string_view text, const std::string& name) {
  std::string identifier = name;
  std::replace(identifier.begin(), identifier.end(), '-', '_');
  std::string out(text);
  for (const auto& [mark, value] : {std::pair<std::string, std::string>("@NAME@", name), {"@IDENTIFIER@", identifier}})
    for (auto at = out.find(mark); at != std::string::npos; at = out.find(mark, at + value.size())) out.replace(at, mark.size(), value);
  return out;
}

bool is_plugin_name(std::string_view name) {
  if (name.size() < 2 || name.front() < 'a' || name.front() > 'z' || name.back() == '-') return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

Result<std::vector<std::filesystem::path>> write_plugin_skeleton(const std::filesystem::path& folder, const std::string& name) {
  if (!is_plugin_name(name))
    return Error(Errc::bad_request,
                 "a plugin's name starts with a letter and has lower-case letters, digits and dashes, for example payment-acme");
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return Error(Errc::internal, "cannot make " + folder.string() + ": " + error.message());
  if (!std::filesystem::is_empty(folder, error)) return Error(Errc::conflict, folder.string() + " is not empty; nothing was written");
  std::vector<std::filesystem::path> files;
  for (const auto& [file, text] : {std::pair(std::string("CMakeLists.txt"), kCMake),
                                   {"plugin.toml", kManifest},
                                   {name + ".cpp", kSource},
                                   {name + "_test.cpp", kTest},
                                   {"README.md", kReadme}}) {
    files.push_back(folder / file);
    std::ofstream out(files.back());
    out << filled(text, name);
    if (!out.flush()) return Error(Errc::internal, "cannot write " + files.back().string());
  }
  return files;
}

}  // namespace driftstack::kernel
