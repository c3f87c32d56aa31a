#pragma once
// How a person comes in, stays and leaves. identity.md 3.2.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "credential_versions.hpp"
#include "driftstack/call.hpp"
#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/second_factor.hpp"
#include "driftstack/support/secret_text.hpp"
#include "driftstack/task.hpp"
#include "email_address.hpp"
#include "link_mails.hpp"
#include "passwords.hpp"
#include "people_store.hpp"
#include "session_minting.hpp"

namespace driftstack::identity {

/// Nobody is signed in yet when these are called; the tokens are the proof. Every change leaves its audit entry in its own transaction.
/// [io-thread]
class SignIn {
 public:
  struct Parts {
    PeopleStore& store;
    const Passwords& passwords;
    const LinkMails& mails;
    AuditLog& audit;
    Clock& clock;
    CredentialVersions& versions;
    Host& host;  ///< asked for the SecondFactor at each use: its plugin starts after this one
  };
  explicit SignIn(Parts parts) noexcept : parts_(parts) {}

  /// invalid_credentials (no such address, another password: indistinguishable), email_not_verified, forbidden, rate_limited (the second
  /// factor is paused).
  AsyncResult<SignInOutcome> with_password(const Call& call, EmailAddress email, SecretText password);
  /// Consumes a link to verify an address. No account has a second factor before that. invalid_auth_token, forbidden.
  AsyncResult<SignedIn> with_verification(const Call& call, std::string_view token);
  /// Consumes a link to sign in. invalid_auth_token, forbidden; rate_limited, which leaves the link good.
  AsyncResult<SignInOutcome> with_magic_link(const Call& call, std::string_view token);
  /// Consumes a link to set a password; ends every web session and every other link of the account, also while the
  /// second factor is paused.
  AsyncResult<SignInOutcome> with_new_password(const Call& call, std::string_view token, SecretText password);

  /// Ends the session and answers its successor. unauthorized.
  AsyncResult<SignedIn> refresh(const Call& call, std::string_view token);
  /// Ok for whatever is no live session.
  AsyncResult<> leave(const Call& call, std::string_view token);

 private:
  struct Arrival;
  enum class WhilePaused : std::uint8_t { refuse, go_on };

  AsyncResult<SignInOutcome> arrive(const Call& call, Arrival& arrival);
  /// What the account's second factor, if it has one, asks for. rate_limited unless a pause is to be ignored.
  AsyncResult<std::optional<SignInChallenge>> challenge(db::Transaction& transaction, const Call& call, const Uuid& account,
                                                        WhilePaused paused);
  AsyncResult<> consume(db::Transaction& transaction, const Arrival& arrival, Person& person);
  AsyncResult<> apply(db::Transaction& transaction, const Call& call, Arrival& arrival, const Person& person);
  AsyncResult<> note(db::Transaction& transaction, const Call& call, const Arrival& arrival, const Person& person);

  Parts parts_;
};

}  // namespace driftstack::identity
