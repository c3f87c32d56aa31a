#include "artifacts/artifacts.hpp"

#include <utility>

#include "artifacts/file_token.hpp"
#include "page_cursor.hpp"

namespace driftstack::sessions {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kLinkLife = 1h;            // the specification's README, stored artefacts
constexpr std::chrono::microseconds kStoringLimit = 1h;   // far beyond the deadline of any put
constexpr std::chrono::microseconds kSweepLease = 10min;  // 50 objects at kObjectLimit each
constexpr std::chrono::seconds kObjectLimit = 10s;

Error not_found() { return Error(Errc::not_found, "There is no such artefact."); }
Error no_store() { return Error(Errc::feature_unavailable, "This server has no object store that could keep artefacts."); }
Error store_trouble() { return Error(Errc::feature_unavailable, "The object store did not answer; try again."); }

}  // namespace

AsyncResult<body::KeptArtifact> Artifacts::keep(const Call& call, NewArtifact caught) {
  if (objects_ == nullptr) co_return no_store();
  Artifact artifact;
  artifact.id = ArtifactId::random();
  artifact.account = call.principal()->effective_account;
  artifact.session = caught.session;
  artifact.kind = std::move(caught.kind);
  artifact.content_type = caught.content_type;
  artifact.byte_size = static_cast<std::int64_t>(caught.bytes.size());
  artifact.created_at = host_.clock().unix_micros();
  artifact.expires_at = artifact.created_at + retention_.count();
  auto begun = co_await store_.begin(call, artifact, artifact.created_at + kStoringLimit.count());
  if (!begun) co_return std::move(begun).error();
  objects::Put message;
  message.key = artifact.object_key();
  message.content_type = std::move(caught.content_type);
  message.bytes.data = std::move(caught.bytes);
  auto put = co_await objects_->put(call, std::move(message));
  if (!put) {
    host_.log().error("an artefact could not be stored", {{"error", put.error().detail}});
    co_return store_trouble();  // the sweeper takes the row
  }
  artifact.sha256 = put->sha256;
  auto finished = co_await store_.finish(call, artifact);
  if (!finished) co_return std::move(finished).error();
  if (!*finished) {
    (void)co_await drop(call, artifact.account, artifact.id);
    co_return store_trouble();
  }
  auto url = co_await link(call, artifact);
  if (!url) co_return std::move(url).error();
  body::KeptArtifact kept;
  kept.id = artifact.id;
  kept.byte_size = artifact.byte_size;
  kept.sha256 = std::move(artifact.sha256);
  kept.url = *std::move(url);
  kept.expires_at = Timestamp::from_micros(artifact.expires_at);
  co_return std::move(kept);
}

AsyncResult<std::string> Artifacts::link(const Call& call, const Artifact& artifact) {
  if (objects_ == nullptr || !objects_->can_presign()) {
    FileToken token;
    token.account = artifact.account;
    token.id = artifact.id;
    token.expires_at = host_.clock().unix_micros() + std::chrono::microseconds(kLinkLife).count();
    co_return host_.public_url() + "/v1/files/" + seal_file_token(token, host_.secrets());
  }
  objects::Presign message;
  message.key = artifact.object_key();
  message.seconds = kLinkLife.count();
  message.file_name = artifact.file_name();
  auto presigned = co_await objects_->presign(call, std::move(message));
  if (!presigned) co_return std::move(presigned).error();
  co_return std::move(presigned->url);
}

AsyncResult<body::Artifact> Artifacts::show(const Call& call, Artifact artifact) {
  auto url = co_await link(call, artifact);
  if (!url) co_return std::move(url).error();
  body::Artifact shown;
  shown.id = artifact.id;
  shown.session_id = artifact.session;
  shown.kind = std::move(artifact.kind);
  shown.content_type = std::move(artifact.content_type);
  shown.byte_size = artifact.byte_size;
  shown.sha256 = std::move(artifact.sha256);
  shown.url = *std::move(url);
  shown.created_at = Timestamp::from_micros(artifact.created_at);
  shown.expires_at = Timestamp::from_micros(artifact.expires_at);
  co_return std::move(shown);
}

AsyncResult<body::Artifact> Artifacts::get(const Call& call, ArtifactId id) {
  auto row = co_await store_.find(call, call.principal()->effective_account, id, host_.clock().unix_micros());
  if (!row) co_return std::move(row).error();
  if (!*row) co_return not_found();
  co_return co_await show(call, **std::move(row));
}

AsyncResult<Page<body::Artifact>> Artifacts::page(const Call& call, body::ArtifactListQuery asked) {
  const Uuid account = call.principal()->effective_account;
  const PageCursor cursor(host_.secrets(), account,
                          "GET /v1/artifacts " + (asked.session_id ? asked.session_id->to_text() : std::string("all")));
  auto after = cursor.position(asked.cursor);
  if (!after) co_return std::move(after).error();
  const std::int64_t now = host_.clock().unix_micros();
  const std::int64_t one_more = std::int64_t{asked.limit} + 1;  // tells whether there is a next page
  auto rows = co_await store_.page(call, account, asked.session_id, now, *after, one_more);
  if (!rows) co_return std::move(rows).error();
  const auto limit = static_cast<std::size_t>(asked.limit);
  Page<body::Artifact> page;
  if (rows->size() > limit) {
    const Artifact& last = (*rows)[limit - 1];
    page.continue_at(cursor.behind(last.created_at, last.id.uuid()));
    rows->resize(limit);
  }
  for (Artifact& row : *rows) {
    auto shown = co_await show(call, std::move(row));
    if (!shown) co_return std::move(shown).error();
    page.data.push_back(*std::move(shown));
  }
  co_return std::move(page);
}

AsyncResult<> Artifacts::remove(const Call& call, ArtifactId id) {
  const Uuid account = call.principal()->effective_account;
  auto given_up = co_await store_.give_up(call, account, id, host_.clock().unix_micros());
  if (!given_up) co_return std::move(given_up).error();
  if (!*given_up) co_return not_found();
  auto dropped = co_await drop(call, account, id);
  if (!dropped) host_.log().warn("a deleted artefact is removed later", {{"error", dropped.error().detail}});
  co_return Done();
}

AsyncResult<Response> Artifacts::file(const Call& call, std::string text) {
  const auto token = open_file_token(text, host_.secrets());
  const std::int64_t now = host_.clock().unix_micros();
  if (objects_ == nullptr || !token || token->expires_at <= now) co_return Error(Errc::not_found, "There is no such file.");
  auto row = co_await store_.find(call, token->account, token->id, now);
  if (!row) co_return std::move(row).error();
  if (!*row) co_return Error(Errc::not_found, "There is no such file.");
  objects::Get message;
  message.key = (*row)->object_key();
  auto got = co_await objects_->get(call, std::move(message));
  if (!got) {
    host_.log().error("an artefact could not be read", {{"error", got.error().detail}});
    co_return store_trouble();
  }
  Response response(200, std::move(got->bytes.data));
  response.content_type = (*row)->content_type;
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + (*row)->file_name() + "\"");
  // A captured page is a stranger's: should a browser show it all the same, it runs nothing and is of no origin.
  response.headers.emplace_back("Content-Security-Policy", "default-src 'none'; sandbox");
  co_return std::move(response);
}

// The object first: a row without an object is found again, an object without a row is not.
AsyncResult<> Artifacts::drop(const Call& call, Uuid account, ArtifactId id) {
  if (objects_ == nullptr) co_return no_store();
  objects::Remove message;
  message.key = Artifact::key_of(account, id);
  auto removed = co_await objects_->remove(call, std::move(message));
  if (!removed) co_return removed;
  co_return co_await store_.forget(call, account, id);
}

AsyncResult<bool> Artifacts::sweep(IoThread thread) {
  const std::int64_t now = host_.clock().unix_micros();
  const Call claim_call("artifact-sweep", thread, host_.clock().steady() + kObjectLimit);
  auto claimed = co_await store_.claim_due(claim_call, now, now + kSweepLease.count());
  if (!claimed) co_return std::move(claimed).error();
  for (const auto& one : *claimed) {
    const Call call("artifact-sweep", thread, host_.clock().steady() + kObjectLimit);
    auto dropped = co_await drop(call, one.account, one.id);
    // The lease ends by itself; then it is tried again.
    if (!dropped) host_.log().warn("an artefact that is due could not be removed", {{"error", dropped.error().detail}});
  }
  co_return !claimed->empty();
}

}  // namespace driftstack::sessions
