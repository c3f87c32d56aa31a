#include "audit_payloads.hpp"

#include "wire.hpp"

namespace driftstack::identity {
namespace {

struct Minted {
  std::string name;
  ScopeList scopes;
  static constexpr auto shape = wire::object(wire::field<&Minted::name>("name"), wire::field<&Minted::scopes>("scopes"));
};

struct Rotated {
  KeyId new_key_id;
  Timestamp grace_period_ends_at;
  static constexpr auto shape =
      wire::object(wire::field<&Rotated::new_key_id>("new_key_id"), wire::field<&Rotated::grace_period_ends_at>("grace_period_ends_at"));
};

}  // namespace

std::string minted_payload(const std::string& name, const ScopeList& scopes) {
  const Minted payload{name, scopes};
  return wire::to_text(payload);
}

std::string rotated_payload(const Uuid& successor, std::int64_t grace_end) {
  const Rotated payload{KeyId(successor), Timestamp::from_micros(grace_end)};
  return wire::to_text(payload);
}

}  // namespace driftstack::identity
