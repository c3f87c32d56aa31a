#include "archetype_catalog.hpp"

#include <algorithm>
#include <utility>

namespace driftstack::sessions {

ArchetypeCatalog::ArchetypeCatalog(std::span<const browser::Archetype> offered) {
  for (const browser::Archetype& preset : offered) {
    body::Archetype shown;
    shown.id = preset.id;
    shown.display_label = preset.display_label;
    shown.device = preset.device;
    shown.ios_version = preset.platform_version;
    shown.safari_version = preset.engine_version;
    shown.is_default = preset.is_default;
    if (preset.is_default) {
      shown.status = body::ArchetypeStatus::launch;
      list_.default_archetype_id = preset.id;
    }
    list_.data.push_back(std::move(shown));
  }
}

bool ArchetypeCatalog::contains(std::string_view id) const noexcept {
  return std::any_of(list_.data.begin(), list_.data.end(), [id](const body::Archetype& entry) { return entry.id == id; });
}

}  // namespace driftstack::sessions
