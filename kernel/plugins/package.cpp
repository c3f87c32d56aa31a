#include "kernel/plugins/package.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "kernel/plugins/trusted_path.hpp"

namespace driftstack::kernel {
namespace {

Package failed(Package package, PluginStep step, std::string reason) {
  package.failure = PluginFailure{package.name, step, std::move(reason)};
  return package;
}

/// One line per finding would break the one-line failure; the first names the place, the rest are counted.
std::string summary(const std::vector<Finding>& findings) {
  std::string text = findings.front().line();
  if (findings.size() > 1) text += " (and " + std::to_string(findings.size() - 1) + " more)";
  return text;
}

std::vector<std::filesystem::path> folders_in(const std::filesystem::path& plugins_dir) {
  std::vector<std::filesystem::path> folders;
  std::error_code error;
  std::filesystem::directory_iterator entries(plugins_dir, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    std::error_code ignored;
    // A link to a folder counts too: it is refused with its reason when the plugin is wanted, rather than overlooked.
    if (entries->is_directory(ignored)) folders.push_back(entries->path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

void fail_duplicates(std::vector<Package>& packages) {
  for (Package& package : packages) {
    for (const Package& other : packages) {
      if (&other == &package || other.name != package.name) continue;
      package.failure = PluginFailure{package.name, PluginStep::manifest,
                                      "duplicate id: both " + std::min(package.folder, other.folder).string() + " and " +
                                          std::max(package.folder, other.folder).string() + " say that they are \"" + package.name + "\""};
    }
  }
}

}  // namespace

Package read_package(const std::filesystem::path& folder, uid_t user) {
  Package package;
  package.folder = folder;
  package.name = (folder.filename().empty() ? folder.parent_path() : folder).filename().string();
  const auto opened = open_trusted_folder(folder, user);
  if (!opened) return failed(std::move(package), PluginStep::verify, opened.error().detail);
  const auto file = open_trusted_file(*opened, folder, "plugin.toml", user);
  if (!file) return failed(std::move(package), PluginStep::verify, file.error().detail);
  const std::string shown = (folder / "plugin.toml").string();
  const auto text = read_small_file(*file, shown);
  if (!text) return failed(std::move(package), PluginStep::verify, text.error().detail);
  Checked<Manifest> manifest = parse_manifest(*text, shown);
  if (!manifest.value) return failed(std::move(package), PluginStep::manifest, summary(manifest.findings));
  package.name = manifest.value->id;
  package.manifest = std::move(manifest.value);
  return package;
}

std::vector<Package> find_packages(const std::filesystem::path& plugins_dir, const std::map<std::string, std::filesystem::path>& named,
                                   uid_t user) {
  std::vector<Package> packages;
  for (const std::filesystem::path& folder : folders_in(plugins_dir)) packages.push_back(read_package(folder, user));
  std::erase_if(packages, [&named](const Package& package) { return named.contains(package.name); });
  fail_duplicates(packages);
  for (const auto& [name, folder] : named) {
    Package package = read_package(folder, user);
    const std::string found = std::exchange(package.name, name);
    if (package.failure) package.failure->plugin = name;
    if (package.manifest && found != name) {
      package.failure = PluginFailure{name, PluginStep::manifest, folder.string() + " holds the plugin \"" + found + "\""};
    }
    packages.push_back(std::move(package));
  }
  std::sort(packages.begin(), packages.end(),
            [](const Package& a, const Package& b) { return std::pair(a.name, a.folder) < std::pair(b.name, b.folder); });
  return packages;
}

}  // namespace driftstack::kernel
