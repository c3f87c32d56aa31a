#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "driftstack/abi.hpp"
#include "driftstack/plugin.hpp"
#include "kernel/plugins/failure.hpp"
#include "kernel/plugins/package.hpp"
#include "kernel/plugins/pins.hpp"

namespace driftstack::kernel {

/// Makes the plugin's object; null when its constructor failed. The host must outlive the object. [main-thread]
using PluginMaker = std::function<std::unique_ptr<Plugin>(Host&)>;

/// A maker, or the reason why there is none.
struct LoadResult {
  PluginMaker make;
  std::optional<PluginFailure> failure;
};

/// What the loader compares a library with.
struct LoadRules {
  /// Who may own the files, beside root.
  uid_t user = 0;
  /// The facts of this server's own build.
  BuildFacts host = build_facts();
};

/// Checks and maps the library of a package, in this order: path, owner and mode; the pinned hash of the opened file; the build facts in
/// its ELF note; then dlopen of the very descriptor that was checked, bound at once and local; then the one entry symbol. Nothing of the
/// library runs before all comparisons passed. A mapped library stays mapped, and its descriptor open, until the process ends: code of a
/// plugin may be on any stack or in any stored callback, and glibc knows an open library by its path "/proc/self/fd/N", so N must not come
/// to mean another file. [main-thread]
LoadResult load_library(const Package& package, const Pins& pins, const LoadRules& rules);

/// The SHA-256 of a package's library, for pinning. The same path rules hold.
Result<std::string> package_hash(const Package& package, uid_t user);

}  // namespace driftstack::kernel
