#include "kernel/plugins/failure.hpp"

namespace driftstack::kernel {

std::string_view step_name(PluginStep step) {
  switch (step) {
    case PluginStep::verify:
      return "verify";
    case PluginStep::manifest:
      return "manifest";
    case PluginStep::pin:
      return "pin";
    case PluginStep::build_facts:
      return "build facts";
    case PluginStep::load:
      return "load";
    case PluginStep::create:
      return "create";
    case PluginStep::configure:
      return "configure";
    case PluginStep::start:
      return "start";
    case PluginStep::stop:
      return "stop";
  }
  return "unknown";
}

}  // namespace driftstack::kernel
