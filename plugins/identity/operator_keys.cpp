#include "operator_keys.hpp"

#include <utility>

#include "audit_payloads.hpp"
#include "driftstack/support/utf8.hpp"

namespace driftstack::identity {
namespace {

constexpr std::size_t kLongestName = 120;  // identity.md 8.3

KeyRecord record_of(const ApiKeyRecord& key) {
  KeyRecord record;
  record.id = key.id;
  record.account = key.account;
  record.name = key.name;
  record.key_prefix = key.key_prefix;
  record.scopes = to_set(key.scopes);
  record.created_at = key.created_at;
  record.last_used_at = key.last_used_at;
  record.expires_at = key.expires_at;
  record.revoked_at = key.revoked_at;
  return record;
}

/// The scopes that the operator may give; Errc::validation_failed says what is wrong.
Result<ScopeList> scopes_of(const KeySpec& spec) {
  if (spec.staff) {
    if (!spec.scopes.empty()) return Error(Errc::validation_failed, "A staff key has the staff scope alone; name no other.");
    return ScopeList{Scope::driftstack_internal_admin};
  }
  if (spec.scopes.empty()) return Error(Errc::validation_failed, "A key needs at least one scope.");
  if (spec.scopes.contains(Scope::admin))
    return Error(Errc::validation_failed, "The scope \"admin\" is not given any more; use \"account_owner\".");
  if (spec.scopes.contains(Scope::driftstack_internal_admin)) {
    return Error(Errc::validation_failed, "The scope \"driftstack_internal_admin\" is for staff keys alone.");
  }
  return to_list(spec.scopes);
}

Result<> check_name(const std::string& name) {
  if (is_valid_utf8(name) && name.find('\0') == std::string::npos) {
    const std::size_t length = count_code_points(name);
    if (length >= 1 && length <= kLongestName) return Done();
  }
  return Error(Errc::validation_failed, "The name of a key has 1 to 120 characters.");
}

}  // namespace

AsyncResult<std::optional<BootstrapKeys>> OperatorKeys::bootstrap(const Call& call) {
  auto existing = co_await parts_.store.oldest_account(call);
  if (!existing) co_return std::move(existing).error();
  if (*existing) co_return std::optional<BootstrapKeys>();
  auto rows = co_await make_first_rows();
  if (!rows) co_return std::move(rows).error();

  bool is_first = false;
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    auto locked = co_await transaction.lock(in_transaction::kBootstrapLock);
    if (!locked) co_return locked;
    auto found = co_await in_transaction::oldest_account(transaction);
    if (!found) co_return std::move(found).error();
    is_first = !found->has_value();
    if (!is_first) co_return Done();
    co_return co_await insert_first_rows(transaction, *rows);
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  if (!done) co_return std::move(done).error();
  if (!is_first) co_return std::optional<BootstrapKeys>();
  co_return std::optional(BootstrapKeys(rows->account.id, std::move(rows->owner.key.plaintext), std::move(rows->staff.key.plaintext)));
}

AsyncResult<OperatorKeys::FirstRows> OperatorKeys::make_first_rows() const {
  FirstRows rows;
  rows.account.id = random_uuid();
  rows.account.email = parts_.bootstrap_email;
  rows.account.tier = kBootstrapTier;
  rows.account.created_at = parts_.clock.unix_micros();
  rows.account.email_verified_at = rows.account.created_at;  // the operator said so
  KeyWish owner_wish("owner", ScopeList{Scope::account_owner});
  auto owner = co_await parts_.keys.make_draft(rows.account.id, rows.account.tier, rows.account.id, std::move(owner_wish));
  if (!owner) co_return std::move(owner).error();
  KeyWish staff_wish("staff", ScopeList{Scope::driftstack_internal_admin});
  auto staff = co_await parts_.keys.make_draft(rows.account.id, rows.account.tier, rows.account.id, std::move(staff_wish));
  if (!staff) co_return std::move(staff).error();
  rows.owner = std::move(*owner);
  rows.staff = std::move(*staff);
  co_return rows;
}

AsyncResult<> OperatorKeys::insert_first_rows(db::Transaction& transaction, const FirstRows& rows) {
  auto change = co_await in_transaction::next_change(transaction);
  if (!change) co_return std::move(change).error();
  auto inserted = co_await in_transaction::insert_account(transaction, rows.account, std::nullopt, *change);
  if (!inserted) co_return inserted;
  for (const ApiKeys::Draft* draft : {&rows.owner, &rows.staff}) {
    inserted = co_await in_transaction::insert_key(transaction, draft->key.record, draft->secrets, *change);
    if (!inserted) co_return inserted;
  }
  for (const ApiKeys::Draft* draft : {&rows.owner, &rows.staff}) {
    const ApiKeyRecord& key = draft->key.record;
    AuditEntry entry(rows.account.id, AuditActor::system, kKeyMinted);
    entry.target = KeyId(key.id).to_text();
    entry.payload = minted_payload(key.name, key.scopes);
    auto noted = co_await parts_.audit.append(transaction, std::move(entry));
    if (!noted) co_return noted;
  }
  co_return Done();
}

AsyncResult<CreatedKey> OperatorKeys::create_key(const Call& call, KeySpec spec) {
  auto scopes = scopes_of(spec);
  if (!scopes) co_return std::move(scopes).error();
  if (auto named = check_name(spec.name); !named) co_return std::move(named).error();
  std::optional<Account> account;
  if (spec.account) {
    auto found = co_await parts_.store.find_account(call, *spec.account);
    if (!found) co_return std::move(found).error();
    account = std::move(*found);
  } else {
    auto found = co_await parts_.store.oldest_account(call);
    if (!found) co_return std::move(found).error();
    account = std::move(*found);
  }
  if (!account) co_return Error(Errc::not_found, "There is no such account.");
  KeyWish wish(spec.name, std::move(*scopes));
  wish.expires_at = spec.expires_at;
  auto minted = co_await parts_.keys.mint_for(call, *account, std::move(wish));
  if (!minted) co_return std::move(minted).error();
  co_return CreatedKey(record_of(minted->record), std::move(minted->plaintext));
}

AsyncResult<std::vector<KeyRecord>> OperatorKeys::list_keys(const Call& call, std::optional<Uuid> account) {
  auto keys = account ? parts_.store.list_keys(call, *account) : parts_.store.list_all_keys(call);
  auto listed = co_await keys;
  if (!listed) co_return std::move(listed).error();
  std::vector<KeyRecord> records;
  for (const ApiKeyRecord& key : *listed) records.push_back(record_of(key));
  co_return records;
}

AsyncResult<> OperatorKeys::revoke_key(const Call& call, Uuid key) {
  auto found = co_await parts_.store.find_any_key(call, key);
  if (!found) co_return std::move(found).error();
  if (!*found) co_return Error(Errc::not_found, "There is no such API key.");
  co_return co_await parts_.keys.revoke_for(call, (*found)->account, key);
}

}  // namespace driftstack::identity
