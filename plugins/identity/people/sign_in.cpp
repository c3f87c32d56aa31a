#include "sign_in.hpp"

#include <utility>

#include "audit_payloads.hpp"
#include "mail/mail_store.hpp"
#include "secret_token.hpp"

namespace driftstack::identity {
namespace {

Error wrong_credentials() { return Error(Errc::invalid_credentials, "No account has this e-mail address and password."); }
Error dead_link() { return Error(Errc::invalid_auth_token, "The link is not known, was used or has expired; ask for a new one."); }
Error dead_session() { return Error(Errc::unauthorized, "The web session is not known or has ended; sign in again."); }

/// Whether the account lets anybody in who proved to be its owner.
Result<> check_open(const Person& person) {
  if (person.is_active()) return Done();
  return Error(Errc::forbidden, "The account is " + std::string(status_text(person.account.status)) + ".");
}

bool is_live(const SessionCredential& credential, std::int64_t now) noexcept {
  return !credential.session.revoked_at && credential.session.expires_at > now && credential.is_verified &&
         credential.status == AccountStatus::active;
}

}  // namespace

/// Somebody with a link from a mail.
struct SignIn::Arrival {
  LinkKind kind = LinkKind::magic_link;
  std::string digest;
  std::int64_t now = 0;
  std::optional<StoredHash> new_password;
  NewSession session;
  std::optional<SignInChallenge> challenge;  ///< set: no session is made
};

AsyncResult<SignInOutcome> SignIn::with_password(const Call& call, EmailAddress email, SecretText password) {
  auto found = co_await parts_.store.find_person(call, email.text());
  if (!found) co_return std::move(found).error();
  const auto stored = *found ? (**found).password : std::nullopt;
  auto matches = co_await parts_.passwords.matches(std::move(password), email.text(), stored);
  if (!matches) co_return std::move(matches).error();
  if (!*matches) co_return wrong_credentials();
  const Person& person = **found;
  if (auto open = check_open(person); !open) co_return std::move(open).error();
  if (!person.is_verified()) co_return Error(Errc::email_not_verified, "Confirm the e-mail address first; a new link can be asked for.");

  NewSession session = new_session(call, person.account.id, parts_.clock.unix_micros());
  std::optional<SignInChallenge> challenge;
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    if (auto locked = co_await transaction.lock(in_transaction::people_lock(person.account.id)); !locked) co_return locked;
    auto again = co_await in_transaction::find_person(transaction, person.account.id);
    if (!again) co_return std::move(again).error();
    // A reset or a suspension that committed while the password was hashed counts.
    if (!*again || (**again).password != stored) co_return wrong_credentials();
    if (auto open = check_open(**again); !open) co_return open;
    auto asked = co_await this->challenge(transaction, call, person.account.id, WhilePaused::refuse);
    if (!asked) co_return std::move(asked).error();
    challenge = *std::move(asked);
    if (challenge) co_return Done();
    auto change = co_await in_transaction::next_change(transaction);
    if (!change) co_return std::move(change).error();
    auto inserted = co_await in_transaction::insert_session(transaction, session.row, *change);
    if (!inserted) co_return inserted;
    co_return co_await parts_.audit.append(transaction, login_entry(call, person.account.id, "password"));
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  if (!done) co_return std::move(done).error();
  if (challenge) co_return SignInOutcome(*std::move(challenge));
  co_return SignInOutcome(std::move(session.answer));
}

AsyncResult<SignedIn> SignIn::with_verification(const Call& call, std::string_view token) {
  Arrival arrival;
  arrival.kind = LinkKind::verify_email;
  arrival.digest = digest_text(token);
  auto outcome = co_await arrive(call, arrival);
  if (!outcome) co_return std::move(outcome).error();
  co_return std::get<SignedIn>(*std::move(outcome));
}

AsyncResult<SignInOutcome> SignIn::with_magic_link(const Call& call, std::string_view token) {
  Arrival arrival;
  arrival.digest = digest_text(token);
  co_return co_await arrive(call, arrival);
}

AsyncResult<SignInOutcome> SignIn::with_new_password(const Call& call, std::string_view token, SecretText password) {
  Arrival arrival;
  arrival.kind = LinkKind::password_reset;
  arrival.digest = digest_text(token);
  // Only a good link is worth a slow hash.
  auto owner = co_await parts_.store.find_link(call, arrival.kind, arrival.digest, parts_.clock.unix_micros());
  if (!owner) co_return std::move(owner).error();
  if (!*owner) co_return dead_link();
  auto hash = co_await parts_.passwords.make(std::move(password));
  if (!hash) co_return std::move(hash).error();
  arrival.new_password = *hash;
  co_return co_await arrive(call, arrival);
}

AsyncResult<std::optional<SignInChallenge>> SignIn::challenge(db::Transaction& transaction, const Call& call, const Uuid& account,
                                                              WhilePaused paused) {
  auto* const factor = parts_.host.find<SecondFactor>();
  if (factor == nullptr) co_return std::optional<SignInChallenge>();
  auto challenge = co_await factor->challenge(transaction, call, account);
  if (challenge && *challenge && (**challenge).paused_seconds > 0 && paused == WhilePaused::refuse) {
    co_return Error(Errc::rate_limited, "Too many wrong codes were entered for this account; signing in is paused.")
        .with_retry_after((**challenge).paused_seconds);
  }
  co_return challenge;
}

AsyncResult<SignInOutcome> SignIn::arrive(const Call& call, Arrival& arrival) {
  arrival.now = parts_.clock.unix_micros();
  auto owner = co_await parts_.store.find_link(call, arrival.kind, arrival.digest, arrival.now);
  if (!owner) co_return std::move(owner).error();
  if (!*owner) co_return dead_link();
  arrival.session = new_session(call, **owner, arrival.now);

  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    if (auto locked = co_await transaction.lock(in_transaction::people_lock(arrival.session.row.account)); !locked) co_return locked;
    Person person;
    auto step = co_await consume(transaction, arrival, person);
    if (!step) co_return step;
    step = co_await apply(transaction, call, arrival, person);
    if (!step) co_return step;
    co_return co_await note(transaction, call, arrival, person);
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  parts_.versions.moved(arrival.session.row.account);
  if (!done) co_return std::move(done).error();
  if (arrival.challenge) co_return SignInOutcome(*std::move(arrival.challenge));
  co_return SignInOutcome(std::move(arrival.session.answer));
}

AsyncResult<> SignIn::consume(db::Transaction& transaction, const Arrival& arrival, Person& person) {
  auto taken = co_await in_transaction::take_link(transaction, arrival.kind, arrival.digest, arrival.now);
  if (!taken) co_return std::move(taken).error();
  if (!*taken || !(**taken == arrival.session.row.account)) co_return dead_link();
  auto found = co_await in_transaction::find_person(transaction, **taken);
  if (!found) co_return std::move(found).error();
  if (!*found) co_return dead_link();
  person = std::move(**found);
  co_return check_open(person);
}

AsyncResult<> SignIn::apply(db::Transaction& transaction, const Call& call, Arrival& arrival, const Person& person) {
  const Uuid account = person.account.id;
  auto change = co_await in_transaction::next_change(transaction);
  if (!change) co_return std::move(change).error();
  Result<> step = Done();
  if (!person.is_verified()) {
    step = co_await in_transaction::set_verified(transaction, account, arrival.now, *change);
    if (!step) co_return step;
    auto welcome = parts_.mails.welcome(person.account, arrival.now);
    if (!welcome) co_return std::move(welcome).error();
    step = co_await in_transaction::insert_mail(transaction, *std::move(welcome));
    if (!step) co_return step;
    // Whoever chose the password never proved to own the address; the owner of the mailbox, who did not come by its link, must not share
    // the account with them.
    if (arrival.kind == LinkKind::magic_link) {
      step = co_await in_transaction::set_password(transaction, account, std::nullopt);
      if (!step) co_return step;
    }
  }
  if (arrival.new_password) {
    step = co_await in_transaction::set_password(transaction, account, arrival.new_password);
    if (!step) co_return step;
    auto ended = co_await in_transaction::end_sessions(transaction, account, std::nullopt, arrival.now, *change);
    if (!ended) co_return std::move(ended).error();
    if (auto* const factor = parts_.host.find<SecondFactor>()) {
      step = co_await factor->end_challenges(transaction, account);
      if (!step) co_return step;
    }
  }
  if (arrival.new_password || !person.is_verified()) {
    step = co_await in_transaction::remove_links(transaction, account);
    if (!step) co_return step;
  }
  if (arrival.kind != LinkKind::verify_email) {
    const auto paused = arrival.kind == LinkKind::password_reset ? WhilePaused::go_on : WhilePaused::refuse;
    auto asked = co_await challenge(transaction, call, account, paused);
    if (!asked) co_return std::move(asked).error();
    arrival.challenge = *std::move(asked);
  }
  if (arrival.challenge) co_return Done();
  co_return co_await in_transaction::insert_session(transaction, arrival.session.row, *change);
}

AsyncResult<> SignIn::note(db::Transaction& transaction, const Call& call, const Arrival& arrival, const Person& person) {
  const Uuid account = person.account.id;
  std::vector<AuditEntry> entries;
  if (!person.is_verified() || arrival.kind == LinkKind::verify_email) entries.push_back(verified_entry(call, account));
  if (arrival.kind == LinkKind::password_reset) {
    entries.push_back(password_changed_entry(call, account));
    if (!arrival.challenge) entries.push_back(login_entry(call, account, "password_reset"));
  }
  if (arrival.kind == LinkKind::magic_link && !arrival.challenge) entries.push_back(login_entry(call, account, "magic_link"));
  for (AuditEntry& entry : entries) {
    auto noted = co_await parts_.audit.append(transaction, std::move(entry));
    if (!noted) co_return noted;
  }
  co_return Done();
}

AsyncResult<SignedIn> SignIn::refresh(const Call& call, std::string_view token) {
  auto found = co_await parts_.store.find_session(call, digest_text(token));
  if (!found) co_return std::move(found).error();
  const std::int64_t now = parts_.clock.unix_micros();
  if (!*found || !is_live(**found, now)) co_return dead_session();
  const WebSession& before = (**found).session;
  NewSession session = next_session(before, now);

  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    if (auto locked = co_await transaction.lock(in_transaction::people_lock(before.account)); !locked) co_return locked;
    auto change = co_await in_transaction::next_change(transaction);
    if (!change) co_return std::move(change).error();
    auto ended = co_await in_transaction::end_session(transaction, before.account, before.id, now, *change);
    if (!ended) co_return std::move(ended).error();
    if (!*ended) co_return dead_session();
    co_return co_await in_transaction::insert_session(transaction, session.row, *change);
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  parts_.versions.moved(before.id);
  if (!done) co_return std::move(done).error();
  co_return std::move(session.answer);
}

AsyncResult<> SignIn::leave(const Call& call, std::string_view token) {
  auto found = co_await parts_.store.find_session(call, digest_text(token));
  if (!found) co_return std::move(found).error();
  if (!*found || (**found).session.revoked_at) co_return Done();
  const WebSession& session = (**found).session;

  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    if (auto locked = co_await transaction.lock(in_transaction::people_lock(session.account)); !locked) co_return locked;
    auto change = co_await in_transaction::next_change(transaction);
    if (!change) co_return std::move(change).error();
    auto ended = co_await in_transaction::end_session(transaction, session.account, session.id, parts_.clock.unix_micros(), *change);
    if (!ended) co_return std::move(ended).error();
    if (!*ended) co_return Done();
    co_return co_await parts_.audit.append(transaction, logout_entry(call, session.account, session.id));
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  parts_.versions.moved(session.id);
  co_return done;
}

}  // namespace driftstack::identity
