#include "store.hpp"

#include <stdexcept>
#include <utility>

#include "driftstack/support/random_bytes.hpp"
#include "migrations.hpp"

namespace driftstack::mfa_totp {
namespace {

#define FACTOR_COLUMNS "account_id, key_id, sealed_seed, enrolled_at, last_step, last_used_at, paused_until, recovery_salt"

constinit const db::Statement kFindFactor("SELECT " FACTOR_COLUMNS " FROM mfa_totp_factors WHERE account_id = $1");
constinit const db::Statement kPutPending(
    "INSERT INTO mfa_totp_factors (account_id, key_id, sealed_seed, created_at, last_step, recovery_salt) VALUES ($1, $2, $3, $4, 0, '') "
    "ON CONFLICT (account_id) DO UPDATE SET key_id = excluded.key_id, sealed_seed = excluded.sealed_seed, created_at = excluded.created_at "
    "WHERE mfa_totp_factors.enrolled_at IS NULL RETURNING account_id");
constinit const db::Statement kEnrol(
    "UPDATE mfa_totp_factors SET enrolled_at = $3, last_step = $4, recovery_salt = $5 "
    "WHERE account_id = $1 AND sealed_seed = $2 AND enrolled_at IS NULL");
constinit const db::Statement kAcceptStep(
    "UPDATE mfa_totp_factors SET last_step = $2, last_used_at = $3 WHERE account_id = $1 AND enrolled_at IS NOT NULL AND last_step < $2");
constinit const db::Statement kSetUsed("UPDATE mfa_totp_factors SET last_used_at = $2 WHERE account_id = $1");
constinit const db::Statement kSetSalt("UPDATE mfa_totp_factors SET recovery_salt = $2 WHERE account_id = $1 AND enrolled_at IS NOT NULL");
constinit const db::Statement kPauseFactor("UPDATE mfa_totp_factors SET paused_until = $2 WHERE account_id = $1");
constinit const db::Statement kRemoveFactor("DELETE FROM mfa_totp_factors WHERE account_id = $1");
constinit const db::Statement kListKeys("SELECT DISTINCT key_id FROM mfa_totp_factors ORDER BY key_id");

constinit const db::Statement kInsertCode("INSERT INTO mfa_totp_recovery_codes (account_id, digest, created_at) VALUES ($1, $2, $3)");
constinit const db::Statement kClaimCode(
    "UPDATE mfa_totp_recovery_codes SET used_at = $3 WHERE account_id = $1 AND digest = $2 AND used_at IS NULL");
constinit const db::Statement kCountCodes("SELECT count(*) FROM mfa_totp_recovery_codes WHERE account_id = $1 AND used_at IS NULL");
constinit const db::Statement kConsumeCodes("UPDATE mfa_totp_recovery_codes SET used_at = $2 WHERE account_id = $1 AND used_at IS NULL");
constinit const db::Statement kRemoveUnused("DELETE FROM mfa_totp_recovery_codes WHERE account_id = $1 AND used_at IS NULL");
constinit const db::Statement kRemoveCodes("DELETE FROM mfa_totp_recovery_codes WHERE account_id = $1");

constinit const db::Statement kInsertChallenge(
    "INSERT INTO mfa_totp_challenges (digest, account_id, client_address, expires_at, failures) VALUES ($1, $2, $3, $4, 0)");
constinit const db::Statement kFindChallenge(
    "SELECT digest, account_id, client_address, expires_at FROM mfa_totp_challenges WHERE digest = $1");
constinit const db::Statement kHasChallenge("SELECT 1 FROM mfa_totp_challenges WHERE digest = $1 AND expires_at > $2");
constinit const db::Statement kFailChallenge("UPDATE mfa_totp_challenges SET failures = failures + 1 WHERE digest = $1 RETURNING failures");
constinit const db::Statement kRemoveChallenge("DELETE FROM mfa_totp_challenges WHERE digest = $1");
constinit const db::Statement kRemoveChallenges("DELETE FROM mfa_totp_challenges WHERE account_id = $1 AND expires_at <= $2");

constinit const db::Statement kForgetFailures("DELETE FROM mfa_totp_failures WHERE account_id = $1 AND failed_at <= $2");
constinit const db::Statement kInsertFailure("INSERT INTO mfa_totp_failures (id, account_id, failed_at) VALUES ($1, $2, $3)");
constinit const db::Statement kCountFailures("SELECT count(*) FROM mfa_totp_failures WHERE account_id = $1");
constinit const db::Statement kRemoveFailures("DELETE FROM mfa_totp_failures WHERE account_id = $1");

#undef FACTOR_COLUMNS

/// Thrown like a wrong column type: the task turns it into Errc::internal.
Uuid read_uuid(std::string_view text) {
  const auto id = Uuid::from_text(text);
  if (!id) throw std::logic_error("mfa-totp tables: not an id");
  return *id;
}

Result<std::optional<Factor>> first_factor(const Result<db::Rows>& rows) {
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<Factor>();
  const db::Row row = (*rows)[0];
  Factor factor;
  factor.account = read_uuid(row.text(0));
  factor.seed.key_id = row.text(1);
  factor.seed.text = row.text(2);
  factor.enrolled_at = row.maybe_integer(3);
  factor.last_step = row.integer(4);
  factor.last_used_at = row.maybe_integer(5);
  factor.paused_until = row.maybe_integer(6);
  factor.recovery_salt = row.text(7);
  return std::optional(std::move(factor));
}

Result<> done(const Result<db::Rows>& rows) {
  if (!rows) return rows.error();
  return Done();
}

/// Did a conditional write hit its one row?
Result<bool> hit(const Result<db::Rows>& rows) {
  if (!rows) return rows.error();
  return rows->changed() == 1;
}

Result<bool> any(const Result<db::Rows>& rows) {
  if (!rows) return rows.error();
  return !rows->empty();
}

Result<std::int64_t> number(const Result<db::Rows>& rows) {
  if (!rows) return rows.error();
  return rows->empty() ? std::int64_t{0} : (*rows)[0].integer(0);
}

}  // namespace

AsyncResult<> Store::migrate(const Call& call) { co_return co_await database_.migrate(call, "mfa-totp", kMigrations); }

AsyncResult<std::optional<Factor>> Store::find_factor(const Call& call, Uuid account) {
  co_return first_factor(co_await database_.read(call, kFindFactor, db::values(account.to_text())));
}

AsyncResult<bool> Store::put_pending(const Call& call, Uuid account, SealedSeed seed, std::int64_t now) {
  co_return any(co_await database_.write(call, kPutPending, db::values(account.to_text(), seed.key_id, seed.text, now)));
}

AsyncResult<std::int64_t> Store::count_unused_codes(const Call& call, Uuid account) {
  co_return number(co_await database_.read(call, kCountCodes, db::values(account.to_text())));
}

AsyncResult<std::optional<Challenge>> Store::find_challenge(const Call& call, std::string digest) {
  auto rows = co_await database_.read(call, kFindChallenge, db::values(std::move(digest)));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return std::optional<Challenge>();
  const db::Row row = (*rows)[0];
  Challenge challenge;
  challenge.digest = row.text(0);
  challenge.account = read_uuid(row.text(1));
  challenge.client_address = row.text(2);
  challenge.expires_at = row.integer(3);
  co_return std::optional(std::move(challenge));
}

AsyncResult<std::vector<std::string>> Store::list_keys(const Call& call) {
  auto rows = co_await database_.read(call, kListKeys, db::values());
  if (!rows) co_return std::move(rows).error();
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < rows->size(); ++i) ids.emplace_back((*rows)[i].text(0));
  co_return ids;
}

namespace in_transaction {

AsyncResult<std::optional<Factor>> find_factor(db::Transaction& transaction, Uuid account) {
  co_return first_factor(co_await transaction.run(kFindFactor, db::values(account.to_text())));
}

AsyncResult<bool> enrol(db::Transaction& transaction, const Factor& pending, std::int64_t now, Step step, std::string recovery_salt) {
  co_return hit(
      co_await transaction.run(kEnrol, db::values(pending.account.to_text(), pending.seed.text, now, step, std::move(recovery_salt))));
}

AsyncResult<bool> accept_step(db::Transaction& transaction, Uuid account, Step step, std::int64_t now) {
  co_return hit(co_await transaction.run(kAcceptStep, db::values(account.to_text(), step, now)));
}

AsyncResult<> set_used(db::Transaction& transaction, Uuid account, std::int64_t now) {
  co_return done(co_await transaction.run(kSetUsed, db::values(account.to_text(), now)));
}

AsyncResult<bool> set_recovery_salt(db::Transaction& transaction, Uuid account, std::string salt) {
  co_return hit(co_await transaction.run(kSetSalt, db::values(account.to_text(), std::move(salt))));
}

AsyncResult<> pause(db::Transaction& transaction, Uuid account, std::int64_t until) {
  co_return done(co_await transaction.run(kPauseFactor, db::values(account.to_text(), until)));
}

AsyncResult<> remove_factor(db::Transaction& transaction, Uuid account) {
  co_return done(co_await transaction.run(kRemoveFactor, db::values(account.to_text())));
}

AsyncResult<> insert_codes(db::Transaction& transaction, Uuid account, std::vector<std::string> digests, std::int64_t now) {
  for (std::string& digest : digests) {
    auto rows = co_await transaction.run(kInsertCode, db::values(account.to_text(), std::move(digest), now));
    if (!rows) co_return std::move(rows).error();
  }
  co_return Done();
}

AsyncResult<bool> claim_code(db::Transaction& transaction, Uuid account, std::string digest, std::int64_t now) {
  co_return hit(co_await transaction.run(kClaimCode, db::values(account.to_text(), std::move(digest), now)));
}

AsyncResult<std::int64_t> count_unused_codes(db::Transaction& transaction, Uuid account) {
  co_return number(co_await transaction.run(kCountCodes, db::values(account.to_text())));
}

AsyncResult<> consume_codes(db::Transaction& transaction, Uuid account, std::int64_t now) {
  co_return done(co_await transaction.run(kConsumeCodes, db::values(account.to_text(), now)));
}

AsyncResult<> remove_unused_codes(db::Transaction& transaction, Uuid account) {
  co_return done(co_await transaction.run(kRemoveUnused, db::values(account.to_text())));
}

AsyncResult<> remove_codes(db::Transaction& transaction, Uuid account) {
  co_return done(co_await transaction.run(kRemoveCodes, db::values(account.to_text())));
}

AsyncResult<> insert_challenge(db::Transaction& transaction, Challenge challenge) {
  co_return done(co_await transaction.run(
      kInsertChallenge, db::values(challenge.digest, challenge.account.to_text(), challenge.client_address, challenge.expires_at)));
}

AsyncResult<bool> has_challenge(db::Transaction& transaction, std::string digest, std::int64_t now) {
  co_return any(co_await transaction.run(kHasChallenge, db::values(std::move(digest), now)));
}

AsyncResult<std::int64_t> fail_challenge(db::Transaction& transaction, std::string digest) {
  co_return number(co_await transaction.run(kFailChallenge, db::values(std::move(digest))));
}

AsyncResult<> remove_challenge(db::Transaction& transaction, std::string digest) {
  co_return done(co_await transaction.run(kRemoveChallenge, db::values(std::move(digest))));
}

AsyncResult<> remove_challenges(db::Transaction& transaction, Uuid account, std::int64_t expired_before) {
  co_return done(co_await transaction.run(kRemoveChallenges, db::values(account.to_text(), expired_before)));
}

AsyncResult<std::int64_t> fail_account(db::Transaction& transaction, Uuid account, std::int64_t now) {
  auto rows = co_await transaction.run(kForgetFailures, db::values(account.to_text(), now - kFailureWindow));
  if (rows) rows = co_await transaction.run(kInsertFailure, db::values(random_uuid().to_text(), account.to_text(), now));
  if (rows) rows = co_await transaction.run(kCountFailures, db::values(account.to_text()));
  co_return number(rows);
}

AsyncResult<> remove_failures(db::Transaction& transaction, Uuid account) {
  co_return done(co_await transaction.run(kRemoveFailures, db::values(account.to_text())));
}

}  // namespace in_transaction

}  // namespace driftstack::mfa_totp
