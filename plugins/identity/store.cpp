#include "store.hpp"

#include <algorithm>
#include <utility>

#include "driftstack/support/base64.hpp"
#include "migrations.hpp"
#include "store_rows.hpp"

namespace driftstack::identity {
namespace {

#define IDENTITY_KEY_COLUMNS "id, account_id, created_by, name, key_prefix, scopes, created_at, expires_at, revoked_at, last_used_at"
#define IDENTITY_ACCOUNT_COLUMNS "id, email, name, tier, status, timezone, slug, region, created_at, email_verified_at"

constinit const db::Statement kFindCredential(
    "SELECT k.id, k.account_id, k.created_by, k.name, k.key_prefix, k.scopes, k.created_at, k.expires_at, k.revoked_at, k.last_used_at, "
    "k.gate, k.secret_hash, a.tier, a.status "
    "FROM identity_api_keys k JOIN identity_accounts a ON a.id = k.account_id WHERE k.key_prefix = $1");
constinit const db::Statement kFindKey("SELECT " IDENTITY_KEY_COLUMNS " FROM identity_api_keys WHERE id = $1 AND account_id = $2");
constinit const db::Statement kFindAnyKey("SELECT " IDENTITY_KEY_COLUMNS " FROM identity_api_keys WHERE id = $1");
constinit const db::Statement kListKeys("SELECT " IDENTITY_KEY_COLUMNS
                                        " FROM identity_api_keys WHERE account_id = $1 ORDER BY created_at DESC, id DESC");
constinit const db::Statement kListAllKeys("SELECT " IDENTITY_KEY_COLUMNS " FROM identity_api_keys ORDER BY created_at DESC, id DESC");
constinit const db::Statement kCountLiveKeys(
    "SELECT count(*) FROM identity_api_keys WHERE account_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)");
constinit const db::Statement kInsertKey(
    "INSERT INTO identity_api_keys (id, account_id, created_by, name, key_prefix, scopes, created_at, expires_at, gate, secret_hash, "
    "change) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
constinit const db::Statement kRevokeKey(
    "UPDATE identity_api_keys SET revoked_at = $3, change = $4 WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL");
constinit const db::Statement kRevokeKeys(
    "UPDATE identity_api_keys SET revoked_at = $2, change = $3 WHERE account_id = $1 AND revoked_at IS NULL");
constinit const db::Statement kEndKeyAt(
    "UPDATE identity_api_keys SET expires_at = $3, change = $5 "
    "WHERE id = $1 AND account_id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $4)");
constinit const db::Statement kWriteUse(
    "UPDATE identity_api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)");
constinit const db::Statement kWriteSessionUse("UPDATE identity_web_sessions SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2");

constinit const db::Statement kFindAccount("SELECT " IDENTITY_ACCOUNT_COLUMNS " FROM identity_accounts WHERE id = $1");
constinit const db::Statement kOldestAccount("SELECT " IDENTITY_ACCOUNT_COLUMNS " FROM identity_accounts ORDER BY created_at, id LIMIT 1");
constinit const db::Statement kInsertAccount(
    "INSERT INTO identity_accounts (id, email, name, tier, status, created_at, change, email_verified_at, password_hash) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
constinit const db::Statement kEditAccount(
    "UPDATE identity_accounts SET name = CASE WHEN $2 THEN $3 ELSE name END, timezone = CASE WHEN $4 THEN $5 ELSE timezone END, "
    "slug = CASE WHEN $6 THEN $7 ELSE slug END, region = CASE WHEN $8 THEN $9 ELSE region END "
    "WHERE id = $1 RETURNING " IDENTITY_ACCOUNT_COLUMNS);

constinit const db::Statement kLastChange("SELECT sequence FROM identity_changes WHERE id = 1");
// The row stays locked until the commit, so numbers become visible in their order.
constinit const db::Statement kNextChange("UPDATE identity_changes SET sequence = sequence + 1 WHERE id = 1 RETURNING sequence");
constinit const db::Statement kChangesSince(
    "SELECT change, id FROM identity_api_keys WHERE change > $1 UNION ALL SELECT change, id FROM identity_accounts WHERE change > $1 "
    "UNION ALL SELECT change, id FROM identity_web_sessions WHERE change > $1");

#undef IDENTITY_KEY_COLUMNS
#undef IDENTITY_ACCOUNT_COLUMNS

constexpr std::size_t kUsesPerBatch = 100;  // rows of one commit; short, so that it does not hold up SQLite's one writer

ApiKeyRecord read_key(const db::Row& row) {
  ApiKeyRecord key;
  key.id = read_uuid(row.text(0));
  key.account = read_uuid(row.text(1));
  if (!row.is_null(2)) key.created_by = read_uuid(row.text(2));
  key.name = row.text(3);
  key.key_prefix = row.text(4);
  key.scopes = scopes_from_text(row.text(5));
  key.created_at = row.integer(6);
  key.expires_at = row.maybe_integer(7);
  key.revoked_at = row.maybe_integer(8);
  key.last_used_at = row.maybe_integer(9);
  return key;
}

Credential read_credential(const db::Row& row) {
  Credential credential;
  credential.key = read_key(row);
  const auto gate = base64url_decode(row.text(10));
  if (!gate || gate->size() != credential.secrets.gate.size()) corrupt("a key digest");
  std::copy(gate->begin(), gate->end(), credential.secrets.gate.begin());
  const auto hash = StoredHash::from_text(row.text(11));
  if (!hash) corrupt("a key hash within the bounds of its cost");
  credential.secrets.hash = *hash;
  credential.tier = row.text(12);
  credential.status = read_status(row.text(13));
  return credential;
}

Account read_account(const db::Row& row) {
  Account account;
  account.id = read_uuid(row.text(0));
  account.email = row.text(1);
  account.name = row.maybe_text(2);
  account.tier = row.text(3);
  account.status = read_status(row.text(4));
  account.timezone = row.maybe_text(5);
  account.slug = row.maybe_text(6);
  account.region = row.maybe_text(7);
  account.created_at = row.integer(8);
  account.email_verified_at = row.maybe_integer(9);
  return account;
}

std::optional<std::string> text_of(const std::optional<Uuid>& id) { return id ? std::optional(id->to_text()) : std::nullopt; }

/// Adds the pair "is it edited, to what" of one field.
void add_edit(db::Values& values, const Edit& edit) {
  values.emplace_back(edit.has_value());
  values.emplace_back(edit.value_or(std::nullopt));
}

}  // namespace

AsyncResult<> Store::migrate(const Call& call) { co_return co_await database_.migrate(call, "identity", kMigrations); }

AsyncResult<std::optional<Credential>> Store::find_credential(const Call& call, std::string key_prefix) {
  auto rows = co_await database_.read(call, kFindCredential, db::values(std::move(key_prefix)));
  co_return first(std::move(rows), read_credential);
}

AsyncResult<std::optional<ApiKeyRecord>> Store::find_key(const Call& call, Uuid account, Uuid key) {
  auto rows = co_await database_.read(call, kFindKey, db::values(key.to_text(), account.to_text()));
  co_return first(std::move(rows), read_key);
}

AsyncResult<std::optional<ApiKeyRecord>> Store::find_any_key(const Call& call, Uuid key) {
  auto rows = co_await database_.read(call, kFindAnyKey, db::values(key.to_text()));
  co_return first(std::move(rows), read_key);
}

AsyncResult<std::vector<ApiKeyRecord>> Store::list_keys(const Call& call, Uuid account) {
  auto rows = co_await database_.read(call, kListKeys, db::values(account.to_text()));
  co_return all(std::move(rows), read_key);
}

AsyncResult<std::vector<ApiKeyRecord>> Store::list_all_keys(const Call& call) {
  auto rows = co_await database_.read(call, kListAllKeys, db::values());
  co_return all(std::move(rows), read_key);
}

AsyncResult<std::optional<Account>> Store::find_account(const Call& call, Uuid id) {
  auto rows = co_await database_.read(call, kFindAccount, db::values(id.to_text()));
  co_return first(std::move(rows), read_account);
}

AsyncResult<std::optional<Account>> Store::oldest_account(const Call& call) {
  auto rows = co_await database_.read(call, kOldestAccount, db::values());
  co_return first(std::move(rows), read_account);
}

AsyncResult<std::optional<Account>> Store::edit_account(const Call& call, Uuid id, AccountEdit edit) {
  db::Values values = db::values(id.to_text());
  for (const Edit* field : {&edit.name, &edit.timezone, &edit.slug, &edit.region}) add_edit(values, *field);
  auto rows = co_await database_.write(call, kEditAccount, std::move(values));
  co_return first(std::move(rows), read_account);
}

AsyncResult<ChangeNumber> Store::last_change(const Call& call) {
  auto rows = co_await database_.read(call, kLastChange, db::values());
  if (!rows) co_return std::move(rows).error();
  co_return (*rows)[0].integer(0);
}

AsyncResult<std::vector<RemoteChange>> Store::changes_since(const Call& call, ChangeNumber number) {
  auto rows = co_await database_.read(call, kChangesSince, db::values(number));
  co_return all(std::move(rows), [](const db::Row& row) {
    RemoteChange change;
    change.number = row.integer(0);
    change.id = read_uuid(row.text(1));
    return change;
  });
}

AsyncResult<> Store::write_uses(const Call& call, UsedCredential kind, std::vector<CredentialUse> uses) {
  const db::Statement& statement = kind == UsedCredential::api_key ? kWriteUse : kWriteSessionUse;
  for (std::size_t begin = 0; begin < uses.size(); begin += kUsesPerBatch) {
    db::Batch batch;
    const std::size_t end = std::min(uses.size(), begin + kUsesPerBatch);
    for (std::size_t i = begin; i < end; ++i) batch.add(statement, db::values(uses[i].credential.to_text(), uses[i].used_at));
    auto written = co_await database_.write_all(call, std::move(batch));
    if (!written) co_return std::move(written).error();
  }
  co_return Done();
}

namespace in_transaction {

std::string keys_lock(const Uuid& account) { return "identity.keys:" + account.to_text(); }

AsyncResult<ChangeNumber> next_change(db::Transaction& transaction) {
  auto rows = co_await transaction.run(kNextChange, db::values());
  if (!rows) co_return std::move(rows).error();
  co_return (*rows)[0].integer(0);
}

AsyncResult<std::optional<Account>> oldest_account(db::Transaction& transaction) {
  auto rows = co_await transaction.run(kOldestAccount, db::values());
  co_return first(std::move(rows), read_account);
}

AsyncResult<> insert_account(db::Transaction& transaction, Account account, std::optional<StoredHash> password, ChangeNumber change) {
  const auto hash = password ? std::optional(password->to_text()) : std::nullopt;
  auto rows = co_await transaction.run(
      kInsertAccount, db::values(account.id.to_text(), account.email, account.name, account.tier, status_text(account.status),
                                 account.created_at, change, account.email_verified_at, hash));
  co_return done(rows);
}

AsyncResult<std::optional<ApiKeyRecord>> find_key(db::Transaction& transaction, Uuid account, Uuid key) {
  auto rows = co_await transaction.run(kFindKey, db::values(key.to_text(), account.to_text()));
  co_return first(std::move(rows), read_key);
}

AsyncResult<std::int64_t> count_live_keys(db::Transaction& transaction, Uuid account, std::int64_t now) {
  auto rows = co_await transaction.run(kCountLiveKeys, db::values(account.to_text(), now));
  if (!rows) co_return std::move(rows).error();
  co_return (*rows)[0].integer(0);
}

AsyncResult<> insert_key(db::Transaction& transaction, ApiKeyRecord key, KeySecrets secrets, ChangeNumber change) {
  auto rows = co_await transaction.run(kInsertKey, db::values(key.id.to_text(), key.account.to_text(), text_of(key.created_by), key.name,
                                                              key.key_prefix, to_text(key.scopes), key.created_at, key.expires_at,
                                                              base64url_encode(as_text(secrets.gate)), secrets.hash.to_text(), change));
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

AsyncResult<bool> revoke_key(db::Transaction& transaction, Uuid account, Uuid key, std::int64_t now, ChangeNumber change) {
  auto rows = co_await transaction.run(kRevokeKey, db::values(key.to_text(), account.to_text(), now, change));
  if (!rows) co_return std::move(rows).error();
  co_return rows->changed() == 1;
}

AsyncResult<> revoke_keys(db::Transaction& transaction, Uuid account, std::int64_t now, ChangeNumber change) {
  auto rows = co_await transaction.run(kRevokeKeys, db::values(account.to_text(), now, change));
  co_return done(rows);
}

AsyncResult<bool> end_key_at(db::Transaction& transaction, Uuid account, Uuid key, std::int64_t end, std::int64_t now,
                             ChangeNumber change) {
  auto rows = co_await transaction.run(kEndKeyAt, db::values(key.to_text(), account.to_text(), end, now, change));
  if (!rows) co_return std::move(rows).error();
  co_return rows->changed() == 1;
}

}  // namespace in_transaction

}  // namespace driftstack::identity
