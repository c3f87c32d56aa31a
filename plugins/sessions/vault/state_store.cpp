#include "vault/state_store.hpp"

#include <stdexcept>
#include <utility>

#include "driftstack/support/base64.hpp"
#include "vault/state_files.hpp"

namespace driftstack::sessions {
namespace {

constinit const db::Statement kSelectState(
    "SELECT revision, size_bytes, saved_at, wrapped_key FROM profile_states WHERE profile_id = $1 AND account_id = $2");

constinit const db::Statement kSelectFiles("SELECT profile_id, revision FROM profile_states");

constinit const db::Statement kInsertState(
    "INSERT INTO profile_states (profile_id, account_id, wrapped_key, revision, size_bytes, saved_at) VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (profile_id) DO NOTHING");

constinit const db::Statement kUpdateState(
    "UPDATE profile_states SET wrapped_key = $3, revision = $4, size_bytes = $5, saved_at = $6 "
    "WHERE profile_id = $1 AND account_id = $2 AND revision = $7");

constinit const db::Statement kDeleteState("DELETE FROM profile_states WHERE profile_id = $1 AND account_id = $2");

constinit const db::Statement kSelectAccountKey("SELECT sealed_key FROM profile_account_keys WHERE account_id = $1");

constinit const db::Statement kInsertAccountKey(
    "INSERT INTO profile_account_keys (account_id, sealed_key, created_at) VALUES ($1, $2, $3) ON CONFLICT (account_id) DO NOTHING");

constinit const db::Statement kDeleteAccountKey("DELETE FROM profile_account_keys WHERE account_id = $1");

std::string bytes_from_row(std::string_view text) {
  auto bytes = base64_decode(text);
  if (!bytes) throw std::logic_error("vault: a stored key is no base64");
  return std::move(*bytes);
}

}  // namespace

AsyncResult<std::optional<StateRow>> StateStore::find(const Call& call, const ProfileRef& profile) {
  auto rows = co_await database_.read(call, kSelectState, db::values(profile.profile.to_text(), profile.account.to_text()));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return std::optional<StateRow>();
  const db::Row row = (*rows)[0];
  StateRow found;
  found.state.revision = row.integer(0);
  found.state.size_bytes = row.integer(1);
  found.state.saved_at = row.integer(2);
  found.wrapped_key = bytes_from_row(row.text(3));
  co_return std::optional<StateRow>(std::move(found));
}

AsyncResult<std::vector<std::string>> StateStore::file_names(const Call& call) {
  auto rows = co_await database_.read(call, kSelectFiles, db::values());
  if (!rows) co_return std::move(rows).error();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto id = Uuid::from_text((*rows)[i].text(0));
    if (!id) throw std::logic_error("vault: a stored id is no UUID");
    names.push_back(state_file_name(*id, (*rows)[i].integer(1)));
  }
  co_return names;
}

AsyncResult<std::optional<std::string>> StateStore::find_account_key(const Call& call, const Uuid& account) {
  auto rows = co_await database_.read(call, kSelectAccountKey, db::values(account.to_text()));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return std::optional<std::string>();
  co_return std::optional<std::string>(bytes_from_row((*rows)[0].text(0)));
}

AsyncResult<std::string> StateStore::keep_account_key(const Call& call, const Uuid& account, const std::string& sealed, std::int64_t now) {
  auto inserted = co_await database_.write(call, kInsertAccountKey, db::values(account.to_text(), base64_encode(sealed), now));
  if (!inserted) co_return std::move(inserted).error();
  auto kept = co_await find_account_key(call, account);
  if (!kept) co_return std::move(kept).error();
  if (!*kept) co_return Error(Errc::conflict, "the account's key was destroyed meanwhile");
  co_return std::move(**kept);
}

AsyncResult<bool> StateStore::replace(db::Transaction& tx, const ProfileRef& profile, std::int64_t before, const StateRow& next) {
  auto values = db::values(profile.profile.to_text(), profile.account.to_text(), base64_encode(next.wrapped_key), next.state.revision,
                           next.state.size_bytes, next.state.saved_at);
  if (before > 0) values.emplace_back(before);
  const db::Statement& statement = before > 0 ? kUpdateState : kInsertState;
  auto rows = co_await tx.run(statement, std::move(values));
  if (!rows) co_return std::move(rows).error();
  co_return rows->changed() == 1;
}

AsyncResult<> StateStore::remove(db::Transaction& tx, const ProfileRef& profile) {
  auto rows = co_await tx.run(kDeleteState, db::values(profile.profile.to_text(), profile.account.to_text()));
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

AsyncResult<> StateStore::remove_account_key(db::Transaction& tx, const Uuid& account) {
  auto rows = co_await tx.run(kDeleteAccountKey, db::values(account.to_text()));
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

}  // namespace driftstack::sessions
