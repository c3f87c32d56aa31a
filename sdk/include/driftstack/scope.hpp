#pragma once
// Scopes: what a credential may do. Closed list of the wire specification.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace driftstack {
inline namespace v1 {

/// Values are bit positions and never renumbered.
enum class Scope : std::uint8_t {
  read,
  write,
  admin,  ///< legacy alias of account_owner; parses, is never minted
  account_owner,
  driftstack_internal_admin,  ///< staff; exact match only
  gui_control,                ///< exact match only
  read_sessions,
  write_sessions,
  read_profiles,
  write_profiles,
  admin_profiles,
  read_webhooks,
  write_webhooks,
  admin_webhooks,
  read_api_keys,
  admin_api_keys,
  read_billing,
  admin_billing,
  read_audit,
};
inline constexpr std::size_t kScopeCount = 19;

/// Wire texts, in the order of the enumeration.
inline constexpr std::array<std::string_view, kScopeCount> kScopeNames = {
    "read",           "write",         "admin",          "account_owner",  "driftstack_internal_admin",
    "gui_control",    "read:sessions", "write:sessions", "read:profiles",  "write:profiles",
    "admin:profiles", "read:webhooks", "write:webhooks", "admin:webhooks", "read:api-keys",
    "admin:api-keys", "read:billing",  "admin:billing",  "read:audit",
};

constexpr std::string_view name_of(Scope scope) noexcept { return kScopeNames[static_cast<std::size_t>(scope)]; }

constexpr std::optional<Scope> scope_from_name(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kScopeCount; ++i)
    if (kScopeNames[i] == name) return static_cast<Scope>(i);
  return std::nullopt;
}

/// A set of scopes in one word. Trivially copyable.
class ScopeSet {
 public:
  constexpr ScopeSet() noexcept = default;
  constexpr ScopeSet(std::initializer_list<Scope> scopes) noexcept {
    for (auto scope : scopes) insert(scope);
  }
  static constexpr ScopeSet from_bits(std::uint32_t bits) noexcept {
    ScopeSet set;
    set.bits_ = bits & ((1u << kScopeCount) - 1);
    return set;
  }
  constexpr void insert(Scope scope) noexcept { bits_ |= bit(scope); }
  constexpr void erase(Scope scope) noexcept { bits_ &= ~bit(scope); }
  constexpr bool contains(Scope scope) const noexcept { return (bits_ & bit(scope)) != 0; }
  constexpr bool empty() const noexcept { return bits_ == 0; }
  constexpr std::uint32_t bits() const noexcept { return bits_; }
  friend constexpr bool operator==(ScopeSet, ScopeSet) noexcept = default;

  /// Does this set of held scopes satisfy one needed scope? Broad `verb` covers `verb:resource`; granular never covers broad.
  constexpr bool satisfies(Scope need) const noexcept {
    if (contains(need)) return true;
    if (need == Scope::driftstack_internal_admin || need == Scope::gui_control) return false;
    if (contains(Scope::account_owner) || contains(Scope::admin)) return true;
    const auto name = name_of(need);
    const auto colon = name.find(':');
    if (colon == std::string_view::npos) return false;
    const auto verb = scope_from_name(name.substr(0, colon));
    return verb.has_value() && contains(*verb);
  }

 private:
  static constexpr std::uint32_t bit(Scope scope) noexcept { return 1u << static_cast<unsigned>(scope); }
  std::uint32_t bits_ = 0;
};

}  // namespace v1
}  // namespace driftstack
