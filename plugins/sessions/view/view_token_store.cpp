#include "view/view_token_store.hpp"

#include "driftstack/support/wire.hpp"

namespace driftstack::sessions {
namespace {

constinit const db::Statement kDeleteExpired("DELETE FROM sessions_view_tokens WHERE expires_at <= $1");

constinit const db::Statement kInsert(
    "INSERT INTO sessions_view_tokens (digest, account_id, session_id, mode, expires_at, log_days) VALUES ($1, $2, $3, $4, $5, $6)");

constinit const db::Statement kFind(
    "SELECT account_id, mode, expires_at, log_days FROM sessions_view_tokens WHERE digest = $1 AND session_id = $2 AND expires_at > $3");

}  // namespace

AsyncResult<> ViewTokenStore::insert(const Call& call, const ViewToken& token, std::int64_t now) {
  auto expired = co_await database_.write(call, kDeleteExpired, db::values(now));
  if (!expired) co_return std::move(expired).error();
  auto inserted = co_await database_.write(call, kInsert,
                                           db::values(token.digest, token.account.to_text(), token.session.uuid().to_text(),
                                                      std::string(wire::enum_text(token.mode)), token.expires_at, token.log_days));
  if (!inserted) co_return std::move(inserted).error();
  co_return Done();
}

AsyncResult<std::optional<ViewToken>> ViewTokenStore::find(const Call& call, const std::string& digest, const SessionId& session,
                                                           std::int64_t now) {
  auto rows = co_await database_.read(call, kFind, db::values(digest, session.uuid().to_text(), now));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return std::optional<ViewToken>();
  const db::Row& row = (*rows)[0];
  const auto account = Uuid::from_text(row.text(0));
  const auto mode = wire::enum_from_text<ViewMode>(row.text(1));
  if (!account || !mode) co_return Error(Errc::internal, "sessions: a stored view token cannot be read");
  ViewToken token;
  token.digest = digest;
  token.account = *account;
  token.session = session;
  token.mode = *mode;
  token.expires_at = row.integer(2);
  token.log_days = row.integer(3);
  co_return std::optional<ViewToken>(std::move(token));
}

}  // namespace driftstack::sessions
