#include "people_store.hpp"

#include <utility>

#include "store_rows.hpp"

namespace driftstack::identity {
namespace {

#define PERSON_COLUMNS "id, email, name, tier, status, created_at, email_verified_at, password_hash"
#define SESSION_COLUMNS \
  "s.id, s.account_id, s.digest, s.os, s.browser, s.created_at, s.last_used_at, s.expires_at, s.revoked_at, s.mfa_satisfied_at"
// Who may be sent a link: $1 address, $2 only for addresses that are not verified yet.
#define LINK_ACCOUNT "FROM identity_accounts WHERE email = $1 AND status = 'active' AND (email_verified_at IS NULL OR NOT $2)"

constinit const db::Statement kFindByEmail("SELECT " PERSON_COLUMNS " FROM identity_accounts WHERE email = $1");
constinit const db::Statement kFindById("SELECT " PERSON_COLUMNS " FROM identity_accounts WHERE id = $1");
constinit const db::Statement kSetVerified(
    "UPDATE identity_accounts SET email_verified_at = $2, change = $3 WHERE id = $1 AND email_verified_at IS NULL");
constinit const db::Statement kSetDeleted(
    "UPDATE identity_accounts SET status = 'deleted', email = $2, name = NULL, slug = NULL, timezone = NULL, password_hash = NULL, "
    "change = $3 WHERE id = $1 AND status <> 'deleted'");
constinit const db::Statement kSetPassword("UPDATE identity_accounts SET password_hash = $2 WHERE id = $1");

constinit const db::Statement kRequestLink(
    "INSERT INTO identity_links (account_id, kind, digest, expires_at) SELECT id, $3, $4, $5 " LINK_ACCOUNT
    " ON CONFLICT (account_id, kind) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at");
constinit const db::Statement kRequestMail(
    "INSERT INTO identity_mails (id, account_id, template, sealed, created_at, due_at, expires_at, attempts) "
    "VALUES ($3, (SELECT id " LINK_ACCOUNT "), $4, $5, $6, $7, $8, 0)");
constinit const db::Statement kInsertLink(
    "INSERT INTO identity_links (account_id, kind, digest, expires_at) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (account_id, kind) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at");
constinit const db::Statement kFindLink("SELECT account_id FROM identity_links WHERE digest = $1 AND kind = $2 AND expires_at > $3");
constinit const db::Statement kTakeLink(
    "DELETE FROM identity_links WHERE digest = $1 AND kind = $2 AND expires_at > $3 RETURNING account_id");
constinit const db::Statement kRemoveLinks("DELETE FROM identity_links WHERE account_id = $1");

constinit const db::Statement kFindSession("SELECT " SESSION_COLUMNS
                                           ", a.tier, a.status, a.email_verified_at FROM identity_web_sessions s "
                                           "JOIN identity_accounts a ON a.id = s.account_id WHERE s.digest = $1");
constinit const db::Statement kFindSessionOf("SELECT " SESSION_COLUMNS
                                             " FROM identity_web_sessions s WHERE s.id = $1 AND s.account_id = $2");
constinit const db::Statement kListSessions("SELECT " SESSION_COLUMNS
                                            " FROM identity_web_sessions s WHERE s.account_id = $1 AND s.revoked_at IS NULL "
                                            "AND s.expires_at > $2 ORDER BY s.last_used_at DESC, s.id DESC");
constinit const db::Statement kInsertSession(
    "INSERT INTO identity_web_sessions (id, account_id, digest, os, browser, created_at, last_used_at, expires_at, mfa_satisfied_at, "
    "change) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
constinit const db::Statement kSetMfaSatisfied(
    "UPDATE identity_web_sessions SET mfa_satisfied_at = $3 "
    "WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL AND expires_at > $3");
constinit const db::Statement kEndSession(
    "UPDATE identity_web_sessions SET revoked_at = $3, change = $4 "
    "WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL AND expires_at > $3");
constinit const db::Statement kEndSessions(
    "UPDATE identity_web_sessions SET revoked_at = $3, change = $4 "
    "WHERE account_id = $1 AND id <> $2 AND revoked_at IS NULL AND expires_at > $3 RETURNING id");
constinit const db::Statement kPurgeSessions(
    "DELETE FROM identity_web_sessions WHERE id IN (SELECT id FROM identity_web_sessions WHERE expires_at < $1 LIMIT $2)");

#undef PERSON_COLUMNS
#undef SESSION_COLUMNS
#undef LINK_ACCOUNT

Person read_person(const db::Row& row) {
  Person person;
  person.account.id = read_uuid(row.text(0));
  person.account.email = row.text(1);
  person.account.name = row.maybe_text(2);
  person.account.tier = row.text(3);
  person.account.status = read_status(row.text(4));
  person.account.created_at = row.integer(5);
  person.account.email_verified_at = row.maybe_integer(6);
  if (!row.is_null(7)) {
    person.password = StoredHash::from_text(row.text(7));
    if (!person.password) corrupt("a password hash within the bounds of its cost");
  }
  return person;
}

WebSession read_session(const db::Row& row) {
  WebSession session;
  session.id = read_uuid(row.text(0));
  session.account = read_uuid(row.text(1));
  session.digest = row.text(2);
  session.os = row.text(3);
  session.browser = row.text(4);
  session.created_at = row.integer(5);
  session.last_used_at = row.integer(6);
  session.expires_at = row.integer(7);
  session.revoked_at = row.maybe_integer(8);
  session.mfa_satisfied_at = row.maybe_integer(9);
  return session;
}

SessionCredential read_credential(const db::Row& row) {
  SessionCredential credential;
  credential.session = read_session(row);
  credential.tier = row.text(10);
  credential.status = read_status(row.text(11));
  credential.is_verified = !row.is_null(12);
  return credential;
}

Uuid read_id(const db::Row& row) { return read_uuid(row.text(0)); }

}  // namespace

AsyncResult<std::optional<Person>> PeopleStore::find_person(const Call& call, std::string email) {
  auto rows = co_await database_.read(call, kFindByEmail, db::values(std::move(email)));
  co_return first(std::move(rows), read_person);
}

AsyncResult<> PeopleStore::request_link(const Call& call, LinkRequest request) {
  const bool only_unverified = request.kind == LinkKind::verify_email;
  const MailJob& mail = request.mail;
  db::Batch batch;
  batch.add(kRequestLink, db::values(request.email, only_unverified, link_name(request.kind), request.digest, request.expires_at));
  batch.add(kRequestMail, db::values(request.email, only_unverified, mail.id.to_text(), mail.template_name, mail.sealed, mail.created_at,
                                     mail.due_at, mail.expires_at));
  auto written = co_await database_.write_all(call, std::move(batch));
  if (!written) co_return std::move(written).error();
  co_return Done();
}

AsyncResult<std::optional<Uuid>> PeopleStore::find_link(const Call& call, LinkKind kind, std::string digest, std::int64_t now) {
  auto rows = co_await database_.read(call, kFindLink, db::values(std::move(digest), link_name(kind), now));
  co_return first(std::move(rows), read_id);
}

AsyncResult<std::optional<SessionCredential>> PeopleStore::find_session(const Call& call, std::string digest) {
  auto rows = co_await database_.read(call, kFindSession, db::values(std::move(digest)));
  co_return first(std::move(rows), read_credential);
}

AsyncResult<std::optional<WebSession>> PeopleStore::find_session_of(const Call& call, Uuid account, Uuid session) {
  auto rows = co_await database_.read(call, kFindSessionOf, db::values(session.to_text(), account.to_text()));
  co_return first(std::move(rows), read_session);
}

AsyncResult<std::vector<WebSession>> PeopleStore::list_sessions(const Call& call, Uuid account, std::int64_t now) {
  auto rows = co_await database_.read(call, kListSessions, db::values(account.to_text(), now));
  co_return all(std::move(rows), read_session);
}

AsyncResult<std::int64_t> PeopleStore::purge_sessions(const Call& call, std::int64_t ended_before, std::int64_t limit) {
  auto rows = co_await database_.write(call, kPurgeSessions, db::values(ended_before, limit));
  if (!rows) co_return std::move(rows).error();
  co_return rows->changed();
}

namespace in_transaction {

std::string people_lock(const Uuid& account) { return "identity.people:" + account.to_text(); }

AsyncResult<std::optional<Person>> find_person(db::Transaction& transaction, Uuid account) {
  auto rows = co_await transaction.run(kFindById, db::values(account.to_text()));
  co_return first(std::move(rows), read_person);
}

AsyncResult<> insert_link(db::Transaction& transaction, Uuid account, LinkKind kind, std::string digest, std::int64_t expires_at) {
  auto rows = co_await transaction.run(kInsertLink, db::values(account.to_text(), link_name(kind), std::move(digest), expires_at));
  co_return done(rows);
}

AsyncResult<std::optional<Uuid>> take_link(db::Transaction& transaction, LinkKind kind, std::string digest, std::int64_t now) {
  auto rows = co_await transaction.run(kTakeLink, db::values(std::move(digest), link_name(kind), now));
  co_return first(std::move(rows), read_id);
}

AsyncResult<> remove_links(db::Transaction& transaction, Uuid account) {
  auto rows = co_await transaction.run(kRemoveLinks, db::values(account.to_text()));
  co_return done(rows);
}

AsyncResult<> set_verified(db::Transaction& transaction, Uuid account, std::int64_t now, ChangeNumber change) {
  auto rows = co_await transaction.run(kSetVerified, db::values(account.to_text(), now, change));
  co_return done(rows);
}

AsyncResult<> set_password(db::Transaction& transaction, Uuid account, std::optional<StoredHash> password) {
  const auto hash = password ? std::optional(password->to_text()) : std::nullopt;
  auto rows = co_await transaction.run(kSetPassword, db::values(account.to_text(), hash));
  co_return done(rows);
}

AsyncResult<> insert_session(db::Transaction& transaction, WebSession session, ChangeNumber change) {
  auto rows = co_await transaction.run(
      kInsertSession, db::values(session.id.to_text(), session.account.to_text(), session.digest, session.os, session.browser,
                                 session.created_at, session.last_used_at, session.expires_at, session.mfa_satisfied_at, change));
  co_return done(rows);
}

AsyncResult<bool> set_mfa_satisfied(db::Transaction& transaction, Uuid account, Uuid session, std::int64_t now) {
  auto rows = co_await transaction.run(kSetMfaSatisfied, db::values(session.to_text(), account.to_text(), now));
  co_return hit(rows);
}

AsyncResult<bool> end_session(db::Transaction& transaction, Uuid account, Uuid session, std::int64_t now, ChangeNumber change) {
  auto rows = co_await transaction.run(kEndSession, db::values(session.to_text(), account.to_text(), now, change));
  co_return hit(rows);
}

AsyncResult<std::vector<Uuid>> end_sessions(db::Transaction& transaction, Uuid account, std::optional<Uuid> keep, std::int64_t now,
                                            ChangeNumber change) {
  const std::string kept = keep ? keep->to_text() : std::string();  // no session has an empty id
  auto rows = co_await transaction.run(kEndSessions, db::values(account.to_text(), kept, now, change));
  co_return all(std::move(rows), read_id);
}

AsyncResult<bool> set_deleted(db::Transaction& transaction, Uuid account, ChangeNumber change) {
  // Addresses are unique; this one can neither receive mail (RFC 2606) nor sign up.
  const std::string nobody = account.to_text() + "@deleted.invalid";
  auto rows = co_await transaction.run(kSetDeleted, db::values(account.to_text(), nobody, change));
  co_return hit(rows);
}

}  // namespace in_transaction

}  // namespace driftstack::identity
