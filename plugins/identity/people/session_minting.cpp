#include "session_minting.hpp"

#include "device_names.hpp"
#include "driftstack/support/random_bytes.hpp"
#include "secret_token.hpp"

namespace driftstack::identity {
namespace {

NewSession with_token(const Uuid& account, std::int64_t now) {
  NewSession made;
  made.answer.token = random_secret_token();
  made.answer.account = account;
  made.answer.expires_at = now + kWebSessionLife;
  made.row.id = random_uuid();
  made.row.account = account;
  made.row.digest = digest_text(made.answer.token);
  made.row.created_at = made.row.last_used_at = now;
  made.row.expires_at = made.answer.expires_at;
  return made;
}

}  // namespace

NewSession new_session(const Call& call, const Uuid& account, std::int64_t now) {
  NewSession made = with_token(account, now);
  made.row.os = os_name(call.user_agent());
  made.row.browser = browser_name(call.user_agent());
  return made;
}

NewSession next_session(const WebSession& before, std::int64_t now) {
  NewSession made = with_token(before.account, now);
  made.row.os = before.os;
  made.row.browser = before.browser;
  made.row.mfa_satisfied_at = before.mfa_satisfied_at;
  return made;
}

}  // namespace driftstack::identity
