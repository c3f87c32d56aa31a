#pragma once
// The presets that sessions can be started with: what the engine really is, at several window sizes.

#include <optional>
#include <string_view>
#include <vector>

#include "driftstack/roles/browser_backend.hpp"
#include "protocol/messages.hpp"

namespace driftstack::browser_webkit {

class Archetypes {
 public:
  Archetypes();

  std::span<const browser::Archetype> all() const { return all_; }
  const browser::Archetype& default_one() const;
  /// Null for an unknown id.
  const browser::Archetype* find(std::string_view id) const;

  /// How a session process of this archetype is started whose way out is that port.
  static protocol::Start start_message(const browser::Archetype& archetype, std::uint16_t egress_port);

 private:
  std::vector<browser::Archetype> all_;
};

}  // namespace driftstack::browser_webkit
