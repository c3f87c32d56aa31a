#pragma once
// The parts of this plugin, wired.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "accounts.hpp"
#include "api_key_verifier.hpp"
#include "api_keys.hpp"
#include "auth_outcomes.hpp"
#include "change_watch.hpp"
#include "driftstack/roles/authenticator.hpp"
#include "hashing_pool.hpp"
#include "mail/mail_worker.hpp"
#include "operator_keys.hpp"
#include "people/people_routes.hpp"
#include "people/session_verifier.hpp"
#include "people/sign_in_counter.hpp"
#include "people/step_up.hpp"
#include "routes.hpp"
#include "shared_hash.hpp"
#include "store.hpp"
#include "teams/standings.hpp"
#include "teams/team_access.hpp"
#include "teams/team_routes.hpp"
#include "teams/teams.hpp"
#include "tiers.hpp"

namespace driftstack::identity {

/// Everything that needs the required interfaces, in the order in which it is made.
class Parts final : public Authenticator {
 public:
  Parts(Host& host, const Tiers& tiers);

  /// Selected by the token's form alone: identity.md 1.1.
  std::optional<Result<Principal>> authenticate_now(std::string_view token) noexcept override {
    return is_secret_token(token) ? session_verifier.verify_now(token) : verifier.verify_now(token);
  }
  AsyncResult<Principal> authenticate(const Call& call, std::string token) override {
    return is_secret_token(token) ? session_verifier.verify(call, std::move(token)) : verifier.verify(call, std::move(token));
  }
  AsyncResult<Principal> act_for(const Call& call, const Principal& caller, std::string account) override {
    return act_for_account(team_store, call, caller, std::move(account));
  }
  AsyncResult<> check_step_up(const Call& call) override { co_return co_await step_up.check(call); }

  Store store;
  PeopleStore people;
  MailStore mails;
  TeamStore team_store;
  Standings standings;
  AuthOutcomes outcomes;
  VerifiedKeys verified;
  VerifiedSessions verified_sessions;
  CredentialVersions versions;
  HashingPool pool;
  KeyDigests digests;
  ApiAccessGate gate;
  ApiKeyVerifier verifier;
  SessionVerifier session_verifier;
  ChangeWatch watch;
  MailSeal seal;
  MailWorker mail_worker;
  LinkMails link_mails;
  Passwords passwords;
  SignUp sign_up;
  SignIn sign_in;
  WebSessions web_sessions;
  MailChoices mail_choices;
  AccountDeletion deletion;
  Teams teams;
  StepUp step_up;
  SignInCounter sign_in_counter;
  SharedHash shared_hash;
  ApiKeys keys;
  OperatorKeys operator_keys;
  Accounts accounts;
  Operations operations;
  PeopleOperations people_operations;
  TeamOperations team_operations;
  Routes routes{"Identity"};
};

}  // namespace driftstack::identity
