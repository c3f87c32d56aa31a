#include "mail_store.hpp"

#include <utility>

#include "store_rows.hpp"

namespace driftstack::identity {
namespace {

constinit const db::Statement kHasDue("SELECT 1 FROM identity_mails WHERE due_at <= $1 LIMIT 1");
// `=`, not `IN`: PostgreSQL may run a sub-query behind IN once per outer row, and each run skips what the run before locked, so that one
// claim takes every due mail and all but the first stay unsent for the lease.
constinit const db::Statement kClaim(
    "UPDATE identity_mails SET due_at = $2, attempts = attempts + 1 "
    "WHERE id = (SELECT id FROM identity_mails WHERE due_at <= $1 ORDER BY due_at, id LIMIT 1) AND due_at <= $1 "
    "RETURNING id, account_id, template, sealed, created_at, due_at, expires_at, attempts",
    "UPDATE identity_mails SET due_at = $2, attempts = attempts + 1 "
    "WHERE id = (SELECT id FROM identity_mails WHERE due_at <= $1 ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) AND due_at <= $1 "
    "RETURNING id, account_id, template, sealed, created_at, due_at, expires_at, attempts");
constinit const db::Statement kRemove("DELETE FROM identity_mails WHERE id = $1 AND due_at = $2");
constinit const db::Statement kPutOff("UPDATE identity_mails SET due_at = $3 WHERE id = $1 AND due_at = $2");
constinit const db::Statement kInsert(
    "INSERT INTO identity_mails (id, account_id, template, sealed, created_at, due_at, expires_at, attempts) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, 0)");

constinit const db::Statement kRemoveOfAccount("DELETE FROM identity_mails WHERE account_id = $1");
constinit const db::Statement kRemovePreferences("DELETE FROM identity_email_preferences WHERE account_id = $1");
constinit const db::Statement kUnwanted("SELECT event_type FROM identity_email_preferences WHERE account_id = $1 AND NOT opted_in");
constinit const db::Statement kSetPreference(
    "INSERT INTO identity_email_preferences (account_id, event_type, opted_in) VALUES ($1, $2, $3) "
    "ON CONFLICT (account_id, event_type) DO UPDATE SET opted_in = excluded.opted_in");

MailJob read_job(const db::Row& row) {
  MailJob job;
  job.id = read_uuid(row.text(0));
  if (!row.is_null(1)) job.account = read_uuid(row.text(1));
  job.template_name = row.text(2);
  job.sealed = row.text(3);
  job.created_at = row.integer(4);
  job.due_at = row.integer(5);
  job.expires_at = row.integer(6);
  job.attempts = row.integer(7);
  return job;
}

}  // namespace

AsyncResult<bool> MailStore::has_due(const Call& call, std::int64_t now) {
  auto rows = co_await database_.read(call, kHasDue, db::values(now));
  if (!rows) co_return std::move(rows).error();
  co_return !rows->empty();
}

AsyncResult<std::optional<MailJob>> MailStore::claim(const Call& call, std::int64_t now, std::int64_t lease_end) {
  auto rows = co_await database_.write(call, kClaim, db::values(now, lease_end));
  co_return first(std::move(rows), read_job);
}

AsyncResult<> MailStore::remove(const Call& call, MailJob job) {
  auto rows = co_await database_.write(call, kRemove, db::values(job.id.to_text(), job.due_at));
  co_return done(rows);
}

AsyncResult<> MailStore::put_off(const Call& call, MailJob job, std::int64_t due_at) {
  auto rows = co_await database_.write(call, kPutOff, db::values(job.id.to_text(), job.due_at, due_at));
  co_return done(rows);
}

AsyncResult<std::vector<std::string>> MailStore::unwanted(const Call& call, Uuid account) {
  auto rows = co_await database_.read(call, kUnwanted, db::values(account.to_text()));
  co_return all(std::move(rows), [](const db::Row& row) { return std::string(row.text(0)); });
}

namespace in_transaction {

AsyncResult<> remove_mails(db::Transaction& transaction, Uuid account) {
  auto rows = co_await transaction.run(kRemoveOfAccount, db::values(account.to_text()));
  if (rows) rows = co_await transaction.run(kRemovePreferences, db::values(account.to_text()));
  co_return done(rows);
}

AsyncResult<> set_mail_preference(db::Transaction& transaction, Uuid account, std::string event_type, bool opted_in) {
  auto rows = co_await transaction.run(kSetPreference, db::values(account.to_text(), std::move(event_type), opted_in));
  co_return done(rows);
}

AsyncResult<> insert_mail(db::Transaction& transaction, MailJob job) {
  const auto account = job.account ? std::optional(job.account->to_text()) : std::nullopt;
  auto rows = co_await transaction.run(
      kInsert, db::values(job.id.to_text(), account, job.template_name, job.sealed, job.created_at, job.due_at, job.expires_at));
  co_return done(rows);
}

}  // namespace in_transaction

}  // namespace driftstack::identity
