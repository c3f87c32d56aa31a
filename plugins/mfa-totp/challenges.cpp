#include "challenges.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <limits>
#include <span>
#include <utility>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/random_bytes.hpp"

namespace driftstack::mfa_totp {
namespace {

/// One answer for every challenge that leads nowhere: it tells nobody whether the token was ever good.
Error dead_challenge() { return Error(Errc::bad_request, "The challenge is not known, was used or has expired; sign in again."); }

std::string as_base64url(std::span<const std::uint8_t> bytes) {
  return base64url_encode(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::string random_token() {
  std::array<std::uint8_t, 32> bytes{};
  fill_random(std::as_writable_bytes(std::span(bytes)));
  return as_base64url(bytes);
}

/// What is stored of a token. It has 256 random bits, so a plain hash is enough.
std::string digest_of(std::string_view token) {
  std::array<std::uint8_t, 32> digest{};
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, token.data(), token.size(), digest.data(), nullptr) != 1) std::abort();
  return as_base64url(digest);
}

const char* method_name(Via via) noexcept { return via == Via::totp ? "mfa_totp" : "mfa_recovery"; }

}  // namespace

AsyncResult<std::optional<SignInChallenge>> Challenges::challenge(db::Transaction& transaction, const Call& call, const Uuid& account) {
  auto factor = co_await in_transaction::find_factor(transaction, account);
  if (!factor) co_return std::move(factor).error();
  if (!*factor || !(**factor).is_enrolled()) co_return std::optional<SignInChallenge>();
  const std::int64_t now = parts_.clock.unix_micros();
  SignInChallenge issued;
  issued.token = random_token();
  issued.expires_at = now + kChallengeLife;
  issued.paused_seconds = (**factor).paused_seconds(now);
  auto cleared = co_await in_transaction::remove_challenges(transaction, account, now);
  if (!cleared) co_return std::move(cleared).error();
  Challenge challenge;
  challenge.digest = digest_of(issued.token);
  challenge.account = account;
  challenge.client_address = call.client_address();
  challenge.expires_at = issued.expires_at;
  auto inserted = co_await in_transaction::insert_challenge(transaction, std::move(challenge));
  if (!inserted) co_return std::move(inserted).error();
  co_return std::optional(std::move(issued));
}

AsyncResult<> Challenges::end_challenges(db::Transaction& transaction, const Uuid& account) {
  co_return co_await in_transaction::remove_challenges(transaction, account, std::numeric_limits<std::int64_t>::max());
}

AsyncResult<> Challenges::remove(db::Transaction& transaction, const Uuid& account) {
  auto step = co_await in_transaction::remove_factor(transaction, account);
  if (!step) co_return step;
  step = co_await in_transaction::remove_codes(transaction, account);
  if (!step) co_return step;
  step = co_await in_transaction::remove_failures(transaction, account);
  if (!step) co_return step;
  co_return co_await end_challenges(transaction, account);
}

AsyncResult<bool> Challenges::is_enrolled(const Call& call, const Uuid& account) {
  auto factor = co_await parts_.store.find_factor(call, account);
  if (!factor) co_return std::move(factor).error();
  co_return *factor && (**factor).is_enrolled();
}

AsyncResult<Exchanged> Challenges::exchange(const Call& call, std::string token, Proof proof) {
  auto found = co_await parts_.store.find_challenge(call, digest_of(token));
  if (!found) co_return std::move(found).error();
  if (!*found || (**found).expires_at <= parts_.clock.unix_micros() || (**found).client_address != call.client_address()) {
    co_return dead_challenge();
  }
  Attempt tried;
  tried.challenge = std::move(**found);
  const Uuid account = tried.challenge.account;
  auto factor = co_await parts_.store.find_factor(call, account);
  if (!factor) co_return std::move(factor).error();
  if (!*factor) co_return dead_challenge();
  auto prepared = co_await parts_.check.prepare(call, **factor, proof);
  if (!prepared) co_return std::move(prepared).error();
  tried.proof = *std::move(prepared);

  auto body = [&](db::Transaction& transaction) -> AsyncResult<> { return attempt(transaction, call, tried); };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  if (!done) co_return std::move(done).error();
  if (!tried.is_alive || tried.judgement.verdict == Verdict::not_enrolled) co_return dead_challenge();
  if (tried.judgement.verdict != Verdict::accepted) co_return refusal(tried.judgement);
  Exchanged exchanged;
  exchanged.session = std::move(tried.session);
  exchanged.account = account;
  exchanged.via = tried.judgement.via;
  co_return exchanged;
}

AsyncResult<> Challenges::attempt(db::Transaction& transaction, const Call& call, Attempt& attempt) {
  const Uuid account = attempt.challenge.account;
  const std::int64_t now = parts_.clock.unix_micros();
  auto step = co_await parts_.desk.hold(transaction, account);
  if (!step) co_return step;
  // Under the lock: of many that come with one challenge each sees what the one before it left.
  auto alive = co_await in_transaction::has_challenge(transaction, attempt.challenge.digest, now);
  if (!alive) co_return std::move(alive).error();
  attempt.is_alive = *alive;
  if (!attempt.is_alive) co_return Done();
  auto judged = co_await parts_.check.judge(transaction, account, attempt.proof, now);
  if (!judged) co_return std::move(judged).error();
  attempt.judgement = *judged;
  if (judged->verdict == Verdict::wrong) co_return co_await fail(transaction, attempt);
  if (judged->verdict != Verdict::accepted) co_return Done();
  step = co_await in_transaction::remove_challenge(transaction, attempt.challenge.digest);
  if (!step) co_return step;
  auto issued = co_await parts_.desk.sign_in(transaction, call, account, method_name(judged->via), now);
  if (!issued) co_return std::move(issued).error();
  attempt.session = *std::move(issued);
  co_return co_await parts_.check.note(transaction, call, account, attempt.judgement);
}

AsyncResult<> Challenges::fail(db::Transaction& transaction, const Attempt& attempt) {
  auto failures = co_await in_transaction::fail_challenge(transaction, attempt.challenge.digest);
  if (!failures) co_return std::move(failures).error();
  if (*failures < kChallengeFailures) co_return Done();
  co_return co_await in_transaction::remove_challenge(transaction, attempt.challenge.digest);
}

AsyncResult<SteppedUp> Challenges::step_up(const Call& call, Proof proof) {
  const Uuid account = call.principal()->account;
  auto factor = co_await parts_.store.find_factor(call, account);
  if (!factor) co_return std::move(factor).error();
  Judgement judgement;
  if (!*factor || !(**factor).is_enrolled()) co_return refusal(judgement);
  auto prepared = co_await parts_.check.prepare(call, **factor, proof);
  if (!prepared) co_return std::move(prepared).error();

  SteppedUp stepped;
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    stepped.satisfied_at = parts_.clock.unix_micros();
    auto step = co_await parts_.desk.hold(transaction, account);
    if (!step) co_return step;
    auto judged = co_await parts_.check.judge(transaction, account, *prepared, stepped.satisfied_at);
    if (!judged) co_return std::move(judged).error();
    judgement = *judged;
    if (judgement.verdict != Verdict::accepted) co_return Done();
    step = co_await parts_.desk.refresh_factor(transaction, call, stepped.satisfied_at);
    if (!step) co_return step;
    co_return co_await parts_.check.note(transaction, call, account, judgement);
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  if (!done) co_return std::move(done).error();
  if (judgement.verdict != Verdict::accepted) co_return refusal(judgement);
  stepped.via = judgement.via;
  co_return stepped;
}

}  // namespace driftstack::mfa_totp
