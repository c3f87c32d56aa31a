#pragma once
// The presets that sessions can be started with: what the browser backend offers, as customers see it.

#include <span>
#include <string>
#include <string_view>

#include "driftstack/roles/browser_backend.hpp"
#include "wire.hpp"

namespace driftstack::sessions {

/// Constant once made. [any-thread]
class ArchetypeCatalog {
 public:
  ArchetypeCatalog() = default;
  explicit ArchetypeCatalog(std::span<const browser::Archetype> offered);

  [[nodiscard]] bool contains(std::string_view id) const noexcept;
  [[nodiscard]] const std::string& default_id() const noexcept { return list_.default_archetype_id; }
  [[nodiscard]] const body::ArchetypeList& list() const noexcept { return list_; }

 private:
  body::ArchetypeList list_;
};

}  // namespace driftstack::sessions
