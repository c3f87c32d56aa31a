#include "team_entries.hpp"

#include "driftstack/support/wire.hpp"

namespace driftstack::identity {
namespace {

struct Invited {
  std::string invitee_email;
  MemberRole role = MemberRole::member;
  static constexpr auto shape = wire::object(wire::field<&Invited::invitee_email>("invitee_email"), wire::field<&Invited::role>("role"));
};

struct Removed {
  std::vector<KeyId> revoked_api_key_ids;
  static constexpr auto shape = wire::object(wire::field<&Removed::revoked_api_key_ids>("revoked_api_key_ids"));
};

struct Renamed {
  std::optional<std::string> previous_name;
  std::string name;
  static constexpr auto shape =
      wire::object(wire::field<&Renamed::previous_name>("previous_name", wire::nullable), wire::field<&Renamed::name>("name"));
};

}  // namespace

std::string invited_payload(const std::string& email, MemberRole role) {
  const Invited payload{email, role};
  return wire::to_text(payload);
}

std::string removed_payload(const std::vector<Uuid>& revoked_keys) {
  Removed payload;
  for (const Uuid& key : revoked_keys) payload.revoked_api_key_ids.emplace_back(key);
  return wire::to_text(payload);
}

std::string renamed_payload(const std::optional<std::string>& previous, const std::string& name) {
  const Renamed payload{previous, name};
  return wire::to_text(payload);
}

}  // namespace driftstack::identity
