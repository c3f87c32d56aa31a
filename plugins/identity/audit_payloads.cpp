#include "audit_payloads.hpp"

#include <optional>
#include <utility>

#include "driftstack/support/utf8.hpp"
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

struct ChosenMail {
  std::string event_type;
  bool opted_in = true;
  static constexpr auto shape =
      wire::object(wire::field<&ChosenMail::event_type>("event_type"), wire::field<&ChosenMail::opted_in>("opted_in"));
};

struct RevokedSessions {
  std::string scope;
  std::optional<std::int64_t> revoked;
  static constexpr auto shape =
      wire::object(wire::field<&RevokedSessions::scope>("scope"), wire::field<&RevokedSessions::revoked>("revoked"));
};

/// What an entry says about a person who comes or goes.
struct Passage {
  std::optional<std::string> method, via;
  std::optional<WebSessionId> session_id;
  std::string issued_from_ip;
  std::optional<std::string> user_agent;
  static constexpr auto shape = wire::object(
      wire::field<&Passage::method>("method"), wire::field<&Passage::via>("via"), wire::field<&Passage::session_id>("session_id"),
      wire::field<&Passage::issued_from_ip>("issued_from_ip"), wire::field<&Passage::user_agent>("user_agent", wire::nullable));
};

constexpr std::size_t kLongestUserAgent = 512;  // bytes; browsers send 100 to 200

AuditEntry passage_entry(const Call& call, const Uuid& account, const char* action, Passage payload) {
  AuditEntry entry(account, AuditActor::customer, action);
  entry.actor_account = account;
  entry.ip_address = std::string(call.client_address());
  payload.issued_from_ip = *entry.ip_address;
  if (const auto agent = call.user_agent(); !agent.empty() && is_valid_utf8(agent)) {
    payload.user_agent = std::string(utf8_prefix(agent, kLongestUserAgent));
    entry.user_agent = payload.user_agent;
  }
  entry.payload = wire::to_text(payload);
  return entry;
}

}  // namespace

std::string minted_payload(const std::string& name, const ScopeList& scopes) {
  const Minted payload{name, scopes};
  return wire::to_text(payload);
}

std::string rotated_payload(const Uuid& successor, std::int64_t grace_end) {
  const Rotated payload{KeyId(successor), Timestamp::from_micros(grace_end)};
  return wire::to_text(payload);
}

std::string email_preference_payload(const std::string& event_type, bool opted_in) {
  const ChosenMail payload{event_type, opted_in};
  return wire::to_text(payload);
}

std::string one_session_payload() {
  RevokedSessions payload;
  payload.scope = "single";
  return wire::to_text(payload);
}

std::string other_sessions_payload(std::int64_t revoked) {
  RevokedSessions payload;
  payload.scope = "all_except_current";
  payload.revoked = revoked;
  return wire::to_text(payload);
}

AuditEntry verified_entry(const Call& call, const Uuid& account) {
  return passage_entry(call, account, "account.email_verified", Passage());
}

AuditEntry login_entry(const Call& call, const Uuid& account, std::string method) {
  Passage payload;
  payload.method = std::move(method);
  return passage_entry(call, account, "account.login", std::move(payload));
}

AuditEntry password_changed_entry(const Call& call, const Uuid& account) {
  Passage payload;
  payload.via = "password_reset";
  return passage_entry(call, account, "account.password_changed", std::move(payload));
}

AuditEntry logout_entry(const Call& call, const Uuid& account, const Uuid& session) {
  Passage payload;
  payload.session_id = WebSessionId(session);
  return passage_entry(call, account, "account.logout", std::move(payload));
}

}  // namespace driftstack::identity
