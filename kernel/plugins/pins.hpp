#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "driftstack/result.hpp"
#include "kernel/config/settings.hpp"

namespace driftstack::kernel {

/// The expected SHA-256 of a plugin's library and where that stands.
struct Pin {
  /// Lower-case hex.
  std::string sha256;
  /// "config/driftstack.toml:12:5" or the path of plugins.lock.
  std::string place;
};

using Pins = std::map<std::string, Pin>;

/// Name of the pins file in the plugins folder. The build and `driftstack plugin pin` write it: `[sha256]` with one `"name" = "hex"` a
/// line.
inline constexpr const char* kPinsFile = "plugins.lock";

/// The pins of `plugins_dir`; none when there is no such file. The file is refused unless only root and `user` can write it.
Result<Pins> read_pins(const std::filesystem::path& plugins_dir, uid_t user);

/// The pins of the configuration (`plugins.<name>.sha256`) laid over those of the file.
Pins with_configured_pins(Pins pins, const CheckedSettings& settings);

/// Replaces one pin in the file of `plugins_dir`, atomically, and keeps the others. What `driftstack plugin pin` does.
Result<> write_pin(const std::filesystem::path& plugins_dir, const std::string& plugin, const std::string& sha256, uid_t user);

}  // namespace driftstack::kernel
