#include "archetypes.hpp"

#include <algorithm>
#include <array>

namespace driftstack::browser_webkit {
namespace {

struct Preset {
  std::string_view id, label, device;
  std::int32_t width, height, scale;
};

constexpr std::array kPresets = {
    Preset{"webkit_desktop_1280", "Desktop 1280 x 800", "Desktop", 1280, 800, 1},  // the default
    Preset{"webkit_desktop_1920", "Desktop 1920 x 1080", "Desktop", 1920, 1080, 1},
    Preset{"webkit_laptop_1440", "Laptop 1440 x 900, sharp", "Laptop", 1440, 900, 2},
    Preset{"webkit_tablet_820", "Tablet window 820 x 1180, sharp", "Tablet-sized window", 820, 1180, 2},
    Preset{"webkit_phone_393", "Phone window 393 x 852, sharp", "Phone-sized window", 393, 852, 3},
};
constexpr std::string_view kPlatform = "Linux";
constexpr std::string_view kEngine = "WebKitGTK " DRIFTSTACK_WEBKIT_VERSION;
constexpr std::string_view kTimeZone = "UTC";

}  // namespace

Archetypes::Archetypes() {
  for (const Preset& preset : kPresets) {
    browser::Archetype& archetype = all_.emplace_back();
    archetype.id = preset.id;
    archetype.display_label = preset.label;
    archetype.device = preset.device;
    archetype.platform_version = kPlatform;
    archetype.engine_version = kEngine;
    archetype.width = preset.width;
    archetype.height = preset.height;
    archetype.scale = preset.scale;
    archetype.is_default = all_.size() == 1;
  }
}

const browser::Archetype& Archetypes::default_one() const { return all_.front(); }

const browser::Archetype* Archetypes::find(std::string_view id) const {
  const auto at = std::find_if(all_.begin(), all_.end(), [&](const browser::Archetype& archetype) { return archetype.id == id; });
  return at == all_.end() ? nullptr : &*at;
}

protocol::Start Archetypes::start_message(const browser::Archetype& archetype, std::uint16_t egress_port) {
  protocol::Start start;
  start.width = archetype.width;
  start.height = archetype.height;
  start.scale = archetype.scale;
  start.languages = {"en-US", "en"};
  start.time_zone = kTimeZone;
  start.egress_port = egress_port;
  return start;
}

}  // namespace driftstack::browser_webkit
