#include "api_keys.hpp"

#include <algorithm>
#include <utility>

#include "audit_payloads.hpp"
#include "driftstack/support/routes.hpp"
#include "migrations.hpp"
#include "teams/team_store.hpp"

namespace driftstack::identity {
namespace {

constexpr int kCreated = 201;
constexpr int kMintAttempts = 5;  // each fails with a chance of one in 57 thousand million per existing key

Error no_such_key() { return Error(Errc::not_found, "There is no such API key."); }

Error not_in_future() {
  wire::Issues issues;
  issues.add("expires_at", wire::IssueCode::too_small, "must be in the future");
  return validation_error(issues);
}

Error too_many_keys(std::int64_t current, std::int64_t limit) {
  return Error(Errc::tier_limit, "The tier allows " + std::to_string(limit) + " live API keys.")
      .with_members("\"resource\":\"api_key\",\"current\":" + std::to_string(current) + ",\"limit\":" + std::to_string(limit));
}

/// Why a key cannot be rotated, if so.
Result<> check_rotatable(const ApiKeyRecord& key, std::int64_t now) {
  if (key.revoked_at) return Error(Errc::conflict, "The API key was revoked and cannot be rotated.");
  if (key.is_expired(now)) return Error(Errc::conflict, "The API key has expired and cannot be rotated.");
  return Done();
}

bool is_prefix_clash(const Error& error) { return error.code == Errc::conflict && error.constraint == kPrefixTaken; }

}  // namespace

Result<> ApiKeys::check_tier(const Principal& caller) const {
  const std::string tier(caller.effective_tier.view());
  if (parts_.gate == ApiAccessGate::open || parts_.tiers.tier(tier).caps.api_access) return Done();
  return Error(Errc::forbidden, "The tier \"" + tier + "\" has no feature \"apiAccess\".");
}

AsyncResult<ApiKeys::Minter> ApiKeys::minter_of(const Call& call) const {
  const Principal& caller = *call.principal();
  Minter minter;
  minter.creator = caller.account;
  if (caller.acts_for_other()) {
    minter.standing = MinterStanding::member;
  } else if (caller.kind == CredentialKind::api_key) {
    auto own = co_await parts_.store.find_key(call, caller.account, caller.credential);
    if (!own) co_return std::move(own).error();
    if (*own && (*own)->created_by && *(*own)->created_by != caller.account) {
      minter.standing = MinterStanding::member;
      minter.creator = (*own)->created_by;
    }
  }
  co_return minter;
}

AsyncResult<ApiKeys::Draft> ApiKeys::make_draft(Uuid account, std::string tier, std::optional<Uuid> creator, KeyWish wish) const {
  Draft draft;
  const bool is_live = parts_.tiers.tier(tier).caps.live_keys;
  draft.key.plaintext = random_api_key(is_live ? KeyEnvironment::live : KeyEnvironment::test);
  ApiKeyRecord& record = draft.key.record;
  record.id = random_uuid();
  record.account = account;
  record.created_by = creator;
  record.name = std::move(wish.name);
  record.key_prefix = draft.key.plaintext.substr(0, kPrefixSize);
  record.scopes = std::move(wish.scopes);
  record.expires_at = wish.expires_at;
  auto secrets = co_await parts_.digests.make(draft.key.plaintext);
  if (!secrets) co_return std::move(secrets).error();
  draft.secrets = *secrets;
  record.created_at = parts_.clock.unix_micros();
  co_return draft;
}

AsyncResult<MintedKey> ApiKeys::mint(const Call& call, KeyWish wish, IdempotencyRecord* keyed) {
  const Principal& caller = *call.principal();
  if (wish.expires_at && *wish.expires_at <= parts_.clock.unix_micros()) co_return not_in_future();
  if (auto allowed = check_tier(caller); !allowed) co_return std::move(allowed).error();
  auto minter = co_await minter_of(call);
  if (!minter) co_return std::move(minter).error();
  if (auto allowed = check_minting(caller.scopes, minter->standing, wish.scopes); !allowed) co_return std::move(allowed).error();

  const std::string tier(caller.effective_tier.view());
  for (int attempt = 1;; ++attempt) {
    auto draft = co_await make_draft(caller.effective_account, tier, minter->creator, wish);
    if (!draft) co_return std::move(draft).error();
    Insertion insertion{std::move(*draft), AuditEntry::by_caller(call, kKeyMinted), parts_.tiers.tier(tier).api_keys, keyed};
    insertion.member = minter->member();
    auto done = co_await commit_minted(call, insertion);
    if (done) co_return std::move(insertion.draft.key);
    if (!is_prefix_clash(done.error()) || attempt == kMintAttempts) co_return std::move(done).error();
  }
}

AsyncResult<MintedKey> ApiKeys::mint_for(const Call& call, Account account, KeyWish wish) {
  if (wish.expires_at && *wish.expires_at <= parts_.clock.unix_micros()) co_return not_in_future();
  for (int attempt = 1;; ++attempt) {
    auto draft = co_await make_draft(account.id, account.tier, account.id, wish);
    if (!draft) co_return std::move(draft).error();
    Insertion insertion{std::move(*draft), AuditEntry(account.id, AuditActor::staff, kKeyMinted), std::nullopt, nullptr};
    auto done = co_await commit_minted(call, insertion);
    if (done) co_return std::move(insertion.draft.key);
    if (!is_prefix_clash(done.error()) || attempt == kMintAttempts) co_return std::move(done).error();
  }
}

AsyncResult<> ApiKeys::commit_minted(const Call& call, Insertion& insertion) {
  const ApiKeyRecord& key = insertion.draft.key.record;
  insertion.entry.payload = minted_payload(key.name, key.scopes);
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    if (auto locked = co_await transaction.lock(in_transaction::keys_lock(key.account)); !locked) co_return locked;
    if (auto held = co_await hold_membership(transaction, insertion); !held) co_return held;
    if (insertion.cap) {
      auto live = co_await in_transaction::count_live_keys(transaction, key.account, key.created_at);
      if (!live) co_return std::move(live).error();
      if (*live >= *insertion.cap) co_return too_many_keys(*live, *insertion.cap);
    }
    auto change = co_await in_transaction::next_change(transaction);
    if (!change) co_return std::move(change).error();
    co_return co_await insert(transaction, insertion, *change);
  };
  co_return co_await db::transaction(parts_.store.database(), call, body);
}

AsyncResult<RotatedKey> ApiKeys::rotate(const Call& call, Uuid key, std::optional<std::string> name, IdempotencyRecord* keyed) {
  const Principal& caller = *call.principal();
  if (auto allowed = check_tier(caller); !allowed) co_return std::move(allowed).error();
  auto minter = co_await minter_of(call);
  if (!minter) co_return std::move(minter).error();
  auto found = co_await parts_.store.find_key(call, caller.effective_account, key);
  if (!found) co_return std::move(found).error();
  if (!*found) co_return no_such_key();
  const ApiKeyRecord& old = **found;
  auto scopes = scopes_after_rotation(old.scopes);
  if (!scopes) co_return std::move(scopes).error();
  if (auto allowed = check_minting(caller.scopes, minter->standing, *scopes); !allowed) co_return std::move(allowed).error();
  // Asked again in the transaction; here it saves the hash.
  if (auto allowed = check_rotatable(old, parts_.clock.unix_micros()); !allowed) co_return std::move(allowed).error();

  const KeyWish wish(name.value_or(old.name), *scopes);
  const std::string tier(caller.effective_tier.view());
  for (int attempt = 1;; ++attempt) {
    auto draft = co_await make_draft(caller.effective_account, tier, minter->creator, wish);
    if (!draft) co_return std::move(draft).error();
    Insertion insertion{std::move(*draft), AuditEntry::by_caller(call, kKeyRotated), std::nullopt, keyed};
    insertion.member = minter->member();
    RotatedKey rotated;
    rotated.predecessor = key;
    auto done = co_await commit_rotated(call, insertion, rotated);
    parts_.versions.moved(key);
    if (done) {
      rotated.successor = std::move(insertion.draft.key);
      co_return rotated;
    }
    if (!is_prefix_clash(done.error()) || attempt == kMintAttempts) co_return std::move(done).error();
  }
}

AsyncResult<> ApiKeys::commit_rotated(const Call& call, Insertion& insertion, RotatedKey& rotated) {
  ApiKeyRecord& successor = insertion.draft.key.record;
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    if (auto locked = co_await transaction.lock(in_transaction::keys_lock(successor.account)); !locked) co_return locked;
    if (auto held = co_await hold_membership(transaction, insertion); !held) co_return held;
    auto found = co_await in_transaction::find_key(transaction, successor.account, rotated.predecessor);
    if (!found) co_return std::move(found).error();
    if (!*found) co_return no_such_key();
    const ApiKeyRecord& old = **found;
    const std::int64_t now = successor.created_at;
    if (auto allowed = check_rotatable(old, now); !allowed) co_return allowed;
    successor.expires_at = old.expires_at;
    rotated.grace_end = std::min(old.expires_at.value_or(now + kRotationGrace), now + kRotationGrace);
    insertion.entry.target = KeyId(old.id).to_text();
    insertion.entry.payload = rotated_payload(successor.id, rotated.grace_end);

    auto change = co_await in_transaction::next_change(transaction);
    if (!change) co_return std::move(change).error();
    auto ended = co_await in_transaction::end_key_at(transaction, old.account, old.id, rotated.grace_end, now, *change);
    if (!ended) co_return std::move(ended).error();
    if (!*ended) co_return no_such_key();
    co_return co_await insert(transaction, insertion, *change);
  };
  co_return co_await db::transaction(parts_.store.database(), call, body);
}

AsyncResult<> ApiKeys::hold_membership(db::Transaction& transaction, const Insertion& insertion) {
  if (!insertion.member) co_return Done();
  auto role = co_await in_transaction::hold_role(transaction, insertion.draft.key.record.account, *insertion.member);
  if (!role) co_return std::move(role).error();
  // Whoever removes a member waits for this key and revokes it, or was faster.
  if (*role != MemberRole::admin) co_return Error(Errc::forbidden, "The caller is no longer an admin of that account's team.");
  co_return Done();
}

AsyncResult<> ApiKeys::insert(db::Transaction& transaction, const Insertion& insertion, ChangeNumber change) {
  const ApiKeyRecord& key = insertion.draft.key.record;
  auto inserted = co_await in_transaction::insert_key(transaction, key, insertion.draft.secrets, change);
  if (!inserted) co_return inserted;
  const std::string id = KeyId(key.id).to_text();
  if (insertion.keyed != nullptr) {
    auto kept = co_await insertion.keyed->complete(transaction, kCreated, std::string(), id);
    if (!kept) co_return kept;
  }
  AuditEntry entry = insertion.entry;
  if (!entry.target) entry.target = id;
  co_return co_await parts_.audit.append(transaction, std::move(entry));
}

AsyncResult<> ApiKeys::revoke(const Call& call, Uuid key) {
  co_return co_await revoke_as(call, key, AuditEntry::by_caller(call, kKeyRevoked));
}

AsyncResult<> ApiKeys::revoke_for(const Call& call, Uuid account, Uuid key) {
  co_return co_await revoke_as(call, key, AuditEntry(account, AuditActor::staff, kKeyRevoked));
}

AsyncResult<> ApiKeys::revoke_as(const Call& call, Uuid key, AuditEntry entry) {
  const Uuid account = entry.account;
  entry.target = KeyId(key).to_text();
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    if (auto locked = co_await transaction.lock(in_transaction::keys_lock(account)); !locked) co_return locked;
    auto found = co_await in_transaction::find_key(transaction, account, key);
    if (!found) co_return std::move(found).error();
    if (!*found) co_return no_such_key();
    if ((*found)->revoked_at) co_return Done();
    auto change = co_await in_transaction::next_change(transaction);
    if (!change) co_return std::move(change).error();
    auto revoked = co_await in_transaction::revoke_key(transaction, account, key, parts_.clock.unix_micros(), *change);
    if (!revoked) co_return std::move(revoked).error();
    if (!*revoked) co_return Done();
    co_return co_await parts_.audit.append(transaction, entry);
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  // Also when the outcome is unknown: a look too many costs little, a look too few lets a revoked key in.
  parts_.versions.moved(key);
  co_return done;
}

AsyncResult<std::vector<ApiKeyRecord>> ApiKeys::list(const Call& call) {
  co_return co_await parts_.store.list_keys(call, call.principal()->effective_account);
}

}  // namespace driftstack::identity
