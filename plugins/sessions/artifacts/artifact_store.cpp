#include "artifacts/artifact_store.hpp"

#include <stdexcept>
#include <utility>

namespace driftstack::sessions {
namespace {

#define ARTIFACT_COLUMNS "id, account_id, session_id, kind, content_type, byte_size, sha256, created_at, expires_at"

constinit const db::Statement kInsert(
    "INSERT INTO sessions_artifacts (id, account_id, session_id, kind, content_type, byte_size, sha256, created_at, expires_at, state, "
    "due_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, 'storing', $9)");

constinit const db::Statement kUpdateStored(
    "UPDATE sessions_artifacts SET state = 'stored', sha256 = $3, due_at = expires_at WHERE id = $1 AND account_id = $2 AND state = "
    "'storing'");

constinit const db::Statement kSelectOne(
    "SELECT " ARTIFACT_COLUMNS " FROM sessions_artifacts WHERE id = $1 AND account_id = $2 AND state = 'stored' AND expires_at > $3");

constinit const db::Statement kSelectPage("SELECT " ARTIFACT_COLUMNS
                                          " FROM sessions_artifacts WHERE account_id = $1 AND state = 'stored' AND expires_at > $2 "
                                          "AND (created_at, id) < ($3, $4) ORDER BY created_at DESC, id DESC LIMIT $5");

constinit const db::Statement kSelectPageOfSession(
    "SELECT " ARTIFACT_COLUMNS
    " FROM sessions_artifacts WHERE account_id = $1 AND session_id = $6 AND state = 'stored' AND expires_at > $2 "
    "AND (created_at, id) < ($3, $4) ORDER BY created_at DESC, id DESC LIMIT $5");

constinit const db::Statement kUpdateGivenUp(
    "UPDATE sessions_artifacts SET state = 'deleting', due_at = $3 WHERE id = $1 AND account_id = $2 AND state = 'stored' AND expires_at > "
    "$3");

// 50: with the lease of the sweeper there is time for each object, even when every one of them is slow.
constinit const db::Statement kClaimDue(
    "UPDATE sessions_artifacts SET state = 'deleting', due_at = $2 WHERE id IN "
    "(SELECT id FROM sessions_artifacts WHERE due_at <= $1 ORDER BY due_at LIMIT 50) AND due_at <= $1 RETURNING id, account_id");

constinit const db::Statement kDelete("DELETE FROM sessions_artifacts WHERE id = $1 AND account_id = $2 AND state = 'deleting'");

Uuid uuid_from_row(std::string_view text) {
  const auto id = Uuid::from_text(text);
  if (!id) throw std::logic_error("sessions: a stored id is no UUID");
  return *id;
}

Artifact artifact_from_row(const db::Row& row) {
  Artifact artifact;
  artifact.id = ArtifactId(uuid_from_row(row.text(0)));
  artifact.account = uuid_from_row(row.text(1));
  artifact.session = SessionId(uuid_from_row(row.text(2)));
  artifact.kind = row.text(3);
  artifact.content_type = row.text(4);
  artifact.byte_size = row.integer(5);
  artifact.sha256 = row.text(6);
  artifact.created_at = row.integer(7);
  artifact.expires_at = row.integer(8);
  return artifact;
}

}  // namespace

AsyncResult<> ArtifactStore::begin(const Call& call, const Artifact& artifact, std::int64_t give_up_at) {
  auto values = db::values(artifact.id.uuid().to_text(), artifact.account.to_text(), artifact.session.uuid().to_text(), artifact.kind,
                           artifact.content_type, artifact.byte_size, artifact.created_at, artifact.expires_at, give_up_at);
  auto rows = co_await database_.write(call, kInsert, std::move(values));
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

AsyncResult<bool> ArtifactStore::finish(const Call& call, const Artifact& artifact) {
  auto values = db::values(artifact.id.uuid().to_text(), artifact.account.to_text(), artifact.sha256);
  auto rows = co_await database_.write(call, kUpdateStored, std::move(values));
  if (!rows) co_return std::move(rows).error();
  co_return rows->changed() == 1;
}

AsyncResult<std::optional<Artifact>> ArtifactStore::find(const Call& call, const Uuid& account, const ArtifactId& id, std::int64_t now) {
  auto rows = co_await database_.read(call, kSelectOne, db::values(id.uuid().to_text(), account.to_text(), now));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return std::optional<Artifact>();
  co_return std::optional<Artifact>(artifact_from_row((*rows)[0]));
}

AsyncResult<std::vector<Artifact>> ArtifactStore::page(const Call& call, const Uuid& account, std::optional<SessionId> session,
                                                       std::int64_t now, const CursorPosition& after, std::int64_t limit) {
  auto values = db::values(account.to_text(), now, after.micros, after.id, limit);
  if (session) values.emplace_back(session->uuid().to_text());
  const db::Statement& statement = session ? kSelectPageOfSession : kSelectPage;
  auto rows = co_await database_.read(call, statement, std::move(values));
  if (!rows) co_return std::move(rows).error();
  std::vector<Artifact> page;
  page.reserve(rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i) page.push_back(artifact_from_row((*rows)[i]));
  co_return std::move(page);
}

AsyncResult<bool> ArtifactStore::give_up(const Call& call, const Uuid& account, const ArtifactId& id, std::int64_t now) {
  auto rows = co_await database_.write(call, kUpdateGivenUp, db::values(id.uuid().to_text(), account.to_text(), now));
  if (!rows) co_return std::move(rows).error();
  co_return rows->changed() == 1;
}

AsyncResult<std::vector<ArtifactStore::Claimed>> ArtifactStore::claim_due(const Call& call, std::int64_t now, std::int64_t lease_until) {
  auto rows = co_await database_.write(call, kClaimDue, db::values(now, lease_until));
  if (!rows) co_return std::move(rows).error();
  std::vector<Claimed> claimed;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    claimed.push_back(Claimed{ArtifactId(uuid_from_row((*rows)[i].text(0))), uuid_from_row((*rows)[i].text(1))});
  }
  co_return std::move(claimed);
}

AsyncResult<> ArtifactStore::forget(const Call& call, const Uuid& account, const ArtifactId& id) {
  auto rows = co_await database_.write(call, kDelete, db::values(id.uuid().to_text(), account.to_text()));
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

}  // namespace driftstack::sessions
