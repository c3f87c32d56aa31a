#pragma once
// The source of a new plugin, ready to build against the installed SDK.

#include <filesystem>
#include <string>
#include <vector>

#include "driftstack/result.hpp"

namespace driftstack::kernel {

/// Writes CMakeLists.txt, plugin.toml, plugin.cpp and README.md into a folder that does not exist yet or is empty; answers the files.
Result<std::vector<std::filesystem::path>> write_plugin_skeleton(const std::filesystem::path& folder, const std::string& name);

}  // namespace driftstack::kernel
