#pragma once

#include <string>
#include <string_view>

namespace driftstack::kernel {

/// The steps that a plugin goes through, in their order.
enum class PluginStep { verify, manifest, pin, build_facts, load, create, configure, start, stop };

std::string_view step_name(PluginStep step);

/// Why one plugin is not there: which, at which step, for what reason.
struct PluginFailure {
  std::string plugin;
  PluginStep step = PluginStep::verify;
  std::string reason;

  /// "plugin sessions: configure: <reason>".
  std::string line() const { return "plugin " + plugin + ": " + std::string(step_name(step)) + ": " + reason; }
};

}  // namespace driftstack::kernel
