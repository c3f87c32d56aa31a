#include "entry.hpp"

#include "actions.hpp"

namespace driftstack::audit {

std::string_view actor_text(AuditActor actor) noexcept {
  for (const auto& [text, value] : enum_names(AuditActor{})) {
    if (value == actor) return text;
  }
  return {};
}

std::optional<AuditActor> actor_from_text(std::string_view text) noexcept {
  for (const auto& [name, value] : enum_names(AuditActor{})) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace driftstack::audit
