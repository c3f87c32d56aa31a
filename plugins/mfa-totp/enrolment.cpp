#include "enrolment.hpp"

#include <utility>

namespace driftstack::mfa_totp {
namespace {

Error enrolled_already() { return Error(Errc::conflict, "The account has a second factor; disable it first."); }

}  // namespace

AsyncResult<Invitation> Enrolment::begin(const Call& call) {
  const Uuid account = call.principal()->account;
  auto email = co_await parts_.desk.email_of(call, account);
  if (!email) co_return std::move(email).error();
  const Seed seed = Seed::random();
  auto sealed = parts_.vault.seal(account, seed);
  if (!sealed) co_return std::move(sealed).error();
  auto put = co_await parts_.store.put_pending(call, account, *std::move(sealed), parts_.clock.unix_micros());
  if (!put) co_return std::move(put).error();
  if (!*put) co_return enrolled_already();
  Invitation invitation;
  invitation.secret_base32 = seed.base32();
  invitation.otpauth_uri = otpauth_uri(seed, parts_.issuer, *email);
  co_return invitation;
}

AsyncResult<std::vector<std::string>> Enrolment::confirm(const Call& call, std::string_view code) {
  const Uuid account = call.principal()->account;
  auto pending = co_await parts_.store.find_factor(call, account);
  if (!pending) co_return std::move(pending).error();
  if (!*pending) co_return Error(Errc::not_found, "No enrolment is pending; begin one first.");
  if ((**pending).is_enrolled()) co_return enrolled_already();
  const auto seed = parts_.vault.open(account, (**pending).seed);
  if (!seed) co_return seed.error();
  const auto step = matching_step(*seed, code, parts_.clock.unix_micros());
  if (!step) co_return Error(Errc::bad_request, "The code is wrong; the pending secret stays.");
  auto set = co_await parts_.recovery.make(call);
  if (!set) co_return std::move(set).error();

  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    const std::int64_t now = parts_.clock.unix_micros();
    auto held = co_await parts_.desk.hold(transaction, account);
    if (!held) co_return held;
    auto enrolled = co_await in_transaction::enrol(transaction, **pending, now, *step, set->salt);
    if (!enrolled) co_return std::move(enrolled).error();
    if (!*enrolled) co_return Error(Errc::conflict, "Another request was faster.");
    auto written = co_await in_transaction::insert_codes(transaction, account, set->digests, now);
    if (!written) co_return written;
    written = co_await parts_.desk.notify(transaction, account, SecurityNotice::second_factor_enabled, now);
    if (!written) co_return written;
    co_return co_await parts_.audit.append(transaction, AuditEntry::by_caller(call, "account.mfa_enrolled"));
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  if (!done) co_return std::move(done).error();
  co_return std::move(set->codes);
}

AsyncResult<FactorStatus> Enrolment::status(const Call& call) {
  const Uuid account = call.principal()->account;
  FactorStatus status;
  auto factor = co_await parts_.store.find_factor(call, account);
  if (!factor) co_return std::move(factor).error();
  if (!*factor || !(**factor).is_enrolled()) co_return status;
  auto unused = co_await parts_.store.count_unused_codes(call, account);
  if (!unused) co_return std::move(unused).error();
  status.enrolled_at = (**factor).enrolled_at;
  status.last_used_at = (**factor).last_used_at;
  status.unused_codes = *unused;
  co_return status;
}

AsyncResult<> Enrolment::disable(const Call& call) {
  const Uuid account = call.principal()->account;
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    auto step = co_await parts_.desk.hold(transaction, account);
    if (!step) co_return step;
    auto factor = co_await in_transaction::find_factor(transaction, account);
    if (!factor) co_return std::move(factor).error();
    if (!*factor) co_return Done();
    step = co_await in_transaction::remove_factor(transaction, account);
    if (!step) co_return step;
    step = co_await in_transaction::remove_unused_codes(transaction, account);
    if (!step) co_return step;
    step = co_await in_transaction::remove_failures(transaction, account);
    if (!step) co_return step;
    step = co_await parts_.factors.end_challenges(transaction, account);
    if (!step) co_return step;
    if (!(**factor).is_enrolled()) co_return Done();
    co_return co_await parts_.audit.append(transaction, AuditEntry::by_caller(call, "account.mfa_disabled"));
  };
  co_return co_await db::transaction(parts_.store.database(), call, body);
}

AsyncResult<std::vector<std::string>> Enrolment::regenerate(const Call& call) {
  const Uuid account = call.principal()->account;
  const Error none(Errc::not_found, "The account has no second factor.");
  auto factor = co_await parts_.store.find_factor(call, account);
  if (!factor) co_return std::move(factor).error();
  if (!*factor || !(**factor).is_enrolled()) co_return none;
  auto set = co_await parts_.recovery.make(call);
  if (!set) co_return std::move(set).error();

  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    const std::int64_t now = parts_.clock.unix_micros();
    auto step = co_await parts_.desk.hold(transaction, account);
    if (!step) co_return step;
    auto salted = co_await in_transaction::set_recovery_salt(transaction, account, set->salt);
    if (!salted) co_return std::move(salted).error();
    if (!*salted) co_return none;
    step = co_await in_transaction::consume_codes(transaction, account, now);
    if (!step) co_return step;
    co_return co_await in_transaction::insert_codes(transaction, account, set->digests, now);
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  if (!done) co_return std::move(done).error();
  co_return std::move(set->codes);
}

}  // namespace driftstack::mfa_totp
