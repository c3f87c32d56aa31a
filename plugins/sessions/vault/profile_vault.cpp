#include "vault/profile_vault.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "driftstack/support/state_archive.hpp"
#include "vault/state_files.hpp"
#include "vault/state_seal.hpp"
#include "vault/state_store.hpp"

namespace driftstack::sessions {
namespace {

std::string account_place(const Uuid& account) { return "sessions profile account key|" + account.to_text(); }
std::string key_place(const ProfileRef& profile) {
  return "sessions profile key|" + profile.account.to_text() + "|" + profile.profile.to_text();
}
std::string state_place(const ProfileRef& profile) {
  return "sessions profile state|" + profile.account.to_text() + "|" + profile.profile.to_text() + "|";
}

SaveOutcome refuse(SaveFailureReason reason, std::string detail) {
  SaveOutcome outcome;
  outcome.failure.emplace(reason, std::move(detail));
  return outcome;
}

/// Nothing for a dump that is worth keeping.
std::optional<SaveFailure> reject(const MemoryFile& archive) {
  if (archive.size() > kMostStateArchiveBytes) return SaveFailure(SaveFailureReason::too_large, "The state is larger than 256 MiB.");
  if (!archive.is_sealed()) return SaveFailure(SaveFailureReason::degenerate_dump, "The state could still be changed by who made it.");
  const auto entries = read_state_archive(archive);
  if (!entries) return SaveFailure(SaveFailureReason::degenerate_dump, entries.error().detail);
  if (entries->empty()) return SaveFailure(SaveFailureReason::degenerate_dump, "The browser gave an empty state.");
  return std::nullopt;
}

Result<StateKey> open_account_key(Secrets& secrets, const Uuid& account, std::string_view sealed) {
  auto bytes = secrets.open(account_place(account), sealed);
  if (!bytes) return std::move(bytes).error();
  return StateKey::from_bytes(*bytes);
}

}  // namespace

SaveFailure failure_of_browser(const Error& error) {
  const SaveFailureReason reason =
      error.code == Errc::payload_too_large ? SaveFailureReason::too_large : SaveFailureReason::serialize_failed;
  return SaveFailure(reason, error.detail);
}

/// The key of a profile's state, opened or made.
struct ProfileVault::Key {
  Key(StateKey key, std::string wrapped) : key(std::move(key)), wrapped(std::move(wrapped)) {}
  StateKey key;
  std::string wrapped;
};

AsyncResult<> ProfileVault::prepare(const Call& call) {
  StateStore store(database_);
  auto names = co_await store.file_names(call);
  if (!names) co_return std::move(names).error();
  const std::set<std::string> kept(names->begin(), names->end());
  co_await on_workers(host_.scheduler());
  const StateFiles files(directory_);
  auto done = files.prepare();
  if (done) done = files.remove_all_but(kept);
  co_await on_io(host_.scheduler(), call.io_thread());
  co_return done;
}

AsyncResult<ProfileVault::Key> ProfileVault::open_key(const Call& call, const ProfileRef& profile, std::string_view wrapped) {
  StateStore store(database_);
  auto sealed = co_await store.find_account_key(call, profile.account);
  if (!sealed) co_return std::move(sealed).error();
  if (!*sealed) co_return Error(Errc::internal, "the account's key of profile states is missing");
  auto account_key = open_account_key(host_.secrets(), profile.account, **sealed);
  if (!account_key) co_return std::move(account_key).error();
  auto key = unwrap_key(*account_key, key_place(profile), wrapped);
  if (!key) co_return std::move(key).error();
  co_return Key(std::move(*key), std::string(wrapped));
}

AsyncResult<ProfileVault::Key> ProfileVault::key_for(const Call& call, const ProfileRef& profile, std::string_view wrapped) {
  return wrapped.empty() ? make_key(call, profile) : open_key(call, profile, wrapped);
}

AsyncResult<ProfileVault::Key> ProfileVault::make_key(const Call& call, const ProfileRef& profile) {
  StateStore store(database_);
  const StateKey fresh = StateKey::random();
  auto sealed = host_.secrets().seal(account_place(profile.account), fresh.view());
  if (!sealed) co_return std::move(sealed).error();
  auto kept = co_await store.keep_account_key(call, profile.account, *sealed, host_.clock().unix_micros());
  if (!kept) co_return std::move(kept).error();
  auto account_key = open_account_key(host_.secrets(), profile.account, *kept);
  if (!account_key) co_return std::move(account_key).error();
  StateKey key = StateKey::random();
  std::string wrapped = wrap_key(*account_key, key_place(profile), key);
  co_return Key(std::move(key), std::move(wrapped));
}

AsyncResult<OpenedState> ProfileVault::open(const Call& call, const ProfileRef& profile) {
  StateStore store(database_);
  auto row = co_await store.find(call, profile);
  if (!row) co_return std::move(row).error();
  OpenedState opened;
  if (!*row) co_return std::move(opened);
  auto key = co_await open_key(call, profile, (*row)->wrapped_key);
  if (!key) co_return std::move(key).error();
  opened.revision = (*row)->state.revision;
  co_await on_workers(host_.scheduler());
  const SealPlace place(state_place(profile), opened.revision);
  auto archive = StateFiles(directory_).read(state_file_name(profile.profile, opened.revision), [&](int input) {
    return unseal_state(key->key, place, input);
  });
  co_await on_io(host_.scheduler(), call.io_thread());
  if (!archive) co_return std::move(archive).error();
  opened.archive = std::move(*archive);
  co_return std::move(opened);
}

AsyncResult<SaveOutcome> ProfileVault::save(const Call& call, const ProfileRef& profile, std::int64_t revision, MemoryFile archive,
                                            RecordState record) {
  StateStore store(database_);
  auto row = co_await store.find(call, profile);
  if (!row) co_return std::move(row).error();
  const std::int64_t current = *row ? (*row)->state.revision : 0;
  if (current != revision) co_return refuse(SaveFailureReason::superseded, "Another state was saved meanwhile.");
  co_await on_workers(host_.scheduler());
  auto rejected = reject(archive);
  co_await on_io(host_.scheduler(), call.io_thread());
  SaveOutcome outcome;
  if (rejected) {
    outcome.failure = std::move(rejected);
    co_return std::move(outcome);
  }
  const std::string wrapped = *row ? (*row)->wrapped_key : std::string();
  auto key = co_await key_for(call, profile, wrapped);
  if (!key) co_return refuse(SaveFailureReason::seal_failed, key.error().detail);
  co_return co_await write(call, profile, *key, revision, archive, record);
}

/// File first, row second: the row is what makes the new state the current one.
AsyncResult<SaveOutcome> ProfileVault::write(const Call& call, const ProfileRef& profile, const Key& key, std::int64_t before,
                                             const MemoryFile& archive, const RecordState& record) {
  StateRow next;
  next.wrapped_key = key.wrapped;
  next.state.revision = before + 1;
  next.state.saved_at = host_.clock().unix_micros();
  const std::string name = state_file_name(profile.profile, next.state.revision);
  const StateFiles files(directory_);
  co_await on_workers(host_.scheduler());
  const SealPlace place(state_place(profile), next.state.revision);
  auto size = files.write(name, [&](int output) { return seal_state(key.key, place, archive, output); });
  co_await on_io(host_.scheduler(), call.io_thread());
  if (!size) co_return refuse(SaveFailureReason::upload_failed, size.error().detail);
  next.state.size_bytes = *size;

  bool replaced = false;
  auto body = [&](db::Transaction& tx) -> AsyncResult<> {
    auto done = co_await StateStore::replace(tx, profile, before, next);
    if (!done) co_return std::move(done).error();
    replaced = *done;
    if (!replaced || !record) co_return Done();
    co_return co_await record(tx, next.state);
  };
  auto committed = co_await db::transaction(database_, call, body);
  StateStore store(database_);
  auto row = co_await store.find(call, profile);
  // What the database says now counts, not what the commit answered: that answer may be lost.
  const bool known = row.has_value();
  const bool current = known && *row && (*row)->state.revision == next.state.revision && (*row)->state.saved_at == next.state.saved_at;
  if (known) {
    co_await on_workers(host_.scheduler());
    auto removed = files.remove(state_file_name(profile.profile, current ? before : next.state.revision));
    co_await on_io(host_.scheduler(), call.io_thread());
    if (!removed) host_.log().warn("an old profile state could not be removed", {{"error", removed.error().detail}});
  }
  SaveOutcome outcome;
  if (current) {
    outcome.stored = next.state;
    co_return std::move(outcome);
  }
  if (committed && !replaced) co_return refuse(SaveFailureReason::superseded, "Another state was saved meanwhile, or the profile is gone.");
  co_return refuse(SaveFailureReason::upload_failed, committed ? "The new state is not the current one." : committed.error().detail);
}

AsyncResult<TrimOutcome> ProfileVault::trim(const Call& call, const ProfileRef& profile, RecordState record) {
  TrimOutcome outcome;
  StateStore store(database_);
  auto row = co_await store.find(call, profile);
  if (!row) co_return std::move(row).error();
  if (!*row) co_return std::move(outcome);
  auto opened = co_await open(call, profile);
  if (!opened) co_return std::move(opened).error();
  co_await on_workers(host_.scheduler());
  auto trimmed = trim_state_archive(opened->archive);
  co_await on_io(host_.scheduler(), call.io_thread());
  if (!trimmed) co_return std::move(trimmed).error();
  auto saved = co_await save(call, profile, opened->revision, std::move(*trimmed), std::move(record));
  if (!saved) co_return std::move(saved).error();
  if (saved->failure) co_return Error(Errc::internal, saved->failure->detail);
  outcome.stored = saved->stored;
  outcome.bytes_reclaimed = std::max<std::int64_t>((*row)->state.size_bytes - saved->stored->size_bytes, 0);
  co_return std::move(outcome);
}

AsyncResult<std::optional<StoredState>> ProfileVault::stored(const Call& call, const ProfileRef& profile) {
  StateStore store(database_);
  auto row = co_await store.find(call, profile);
  if (!row) co_return std::move(row).error();
  if (!*row) co_return std::optional<StoredState>();
  co_return std::optional<StoredState>((*row)->state);
}

AsyncResult<> ProfileVault::destroy_key(db::Transaction& tx, const ProfileRef& profile) { return StateStore::remove(tx, profile); }

AsyncResult<> ProfileVault::destroy_account_key(db::Transaction& tx, const Uuid& account) {
  return StateStore::remove_account_key(tx, account);
}

AsyncResult<> ProfileVault::remove_files(const Call& call, const ProfileRef& profile) {
  co_await on_workers(host_.scheduler());
  auto removed = StateFiles(directory_).remove_all_of(profile.profile);
  co_await on_io(host_.scheduler(), call.io_thread());
  co_return removed;
}

AsyncResult<> ProfileVault::erase(const Call& call, const ProfileRef& profile) {
  auto body = [&](db::Transaction& tx) -> AsyncResult<> { return destroy_key(tx, profile); };
  auto done = co_await db::transaction(database_, call, body);
  if (!done) co_return done;
  co_return co_await remove_files(call, profile);
}

}  // namespace driftstack::sessions
