#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kernel/plugins/failure.hpp"
#include "kernel/plugins/manifest.hpp"

namespace driftstack::kernel {

/// One plugin folder as found: a manifest, or the reason why there is none.
struct Package {
  /// The manifest's id; the folder's name while the manifest cannot be read.
  std::string name;
  std::filesystem::path folder;
  std::optional<Manifest> manifest;
  /// Why this package cannot be used. It matters only when the plugin is wanted.
  std::optional<PluginFailure> failure;
};

/// Reads the package in `folder`: path and owner are checked (see trusted_path.hpp), then the manifest is parsed. Runs nothing of it.
Package read_package(const std::filesystem::path& folder, uid_t user);

/// Every package in the folders of `plugins_dir` (sorted by name) and at the `named` places (plugin id to folder). A named place wins over
/// `plugins_dir` and must hold the id that names it; two folders in `plugins_dir` with one id are a failure of both.
std::vector<Package> find_packages(const std::filesystem::path& plugins_dir, const std::map<std::string, std::filesystem::path>& named,
                                   uid_t user);

}  // namespace driftstack::kernel
