#include "kernel/cli/plugin_skeleton.hpp"

#include <algorithm>
#include <fstream>

namespace driftstack::kernel {
namespace {

constexpr std::string_view kCMake = R"(cmake_minimum_required(VERSION 3.25)
project(@NAME@ LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
find_package(DriftstackSDK REQUIRED)
driftstack_add_plugin(NAME @NAME@ SOURCES plugin.cpp)
driftstack_write_pins()
)";

constexpr std::string_view kManifest = R"(id = "@NAME@"
version = "0.1.0"
sdk = "0.1"
description = "Says what this plugin does in one sentence."
provides = ["http.routes/1"]

[settings.greeting]
type = "string"
default = "Hello"
doc = "What callers are greeted with."
)";

constexpr std::string_view kSource = R"cpp(#include <string>

#include "driftstack/plugin.hpp"
#include "driftstack/support/routes.hpp"
#include "driftstack/support/wire.hpp"

                                           namespace {

                                           using namespace driftstack;

                                           struct Greeting {
                                             std::string message;
                                             static constexpr auto shape = wire::object(wire::field<&Greeting::message>("message", wire::doc("A friendly sentence.")));
                                           };

                                           class NewPlugin final : public Plugin {
                                            public:
                                             explicit NewPlugin(Host& host) : host_(host) {}

                                             Result<> configure() override {
                                               greeting_ = host_.settings().text("greeting");
                                               routes_.get("/v1/@NAME@/{name}", "get_@IDENTIFIER@", "Greets by name.")
                                                   .bearer(ScopeSet{}, TeamAccess::ignored)
                                                   .to<&NewPlugin::greet>(*this);
                                               return {};
                                             }
                                             AsyncResult<> start() override { co_return Done(); }
                                             AsyncResult<> stop() override { co_return Done(); }
                                             void* provide(InterfaceId id) noexcept override { return id == RouteSource::kId ? static_cast<RouteSource*>(&routes_) : nullptr; }

                                            private:
                                             AsyncResult<Greeting> greet(const Call&, const Request& request) {
                                               Greeting greeting;
                                               greeting.message = greeting_ + ", " + std::string(request.parameter("name")) + "!";
                                               co_return greeting;
                                             }

                                             Host& host_;
                                             std::string greeting_;
                                             Routes routes_{"@NAME@"};
                                           };

                                           }  // namespace

                                           DRIFTSTACK_PLUGIN(NewPlugin)
)cpp";

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
  for (const auto& [file, text] :
       {std::pair("CMakeLists.txt", kCMake), {"plugin.toml", kManifest}, {"plugin.cpp", kSource}, {"README.md", kReadme}}) {
    files.push_back(folder / file);
    std::ofstream out(files.back());
    out << filled(text, name);
    if (!out.flush()) return Error(Errc::internal, "cannot write " + files.back().string());
  }
  return files;
}

}  // namespace driftstack::kernel
