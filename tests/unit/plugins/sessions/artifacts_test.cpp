#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "artifacts/artifact_sweeper.hpp"
#include "sessions_fixture.hpp"

namespace driftstack::sessions::test {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> ids(const std::string& body) {
  std::vector<std::string> out;
  const auto json = wire::Json::parse(body);
  for (const auto& row : json->view().find("data")->elements()) out.push_back(*row.find("id")->as_text());
  return out;
}

std::string list(SessionsFixture& fixture, const std::string& query = "") {
  const auto answer = fixture.get("/v1/artifacts" + query);
  REQUIRE(answer);
  return answer->body;
}

/// Takes a picture and keeps it; the artefact of the answer.
std::string keep(SessionsFixture& fixture, const std::string& session, const std::string& kind = "screenshot") {
  const auto answer = fixture.post("/v1/sessions/" + session + "/capture", R"({"kind":")" + kind + R"(","store":true})");
  INFO((answer ? "" : answer.error().detail));
  REQUIRE(answer);
  CHECK(json_member(answer->body, "data").empty());
  CHECK(json_member(answer->body, "encoding").empty());
  return json_member(answer->body, "artifact");
}

Errc code(const Result<Response>& answer) { return answer ? Errc::misuse : answer.error().code; }

std::string path_of(const std::string& artifact) {
  const std::string url = text_member(artifact, "url");
  const std::string base = "https://driftstack.test";
  REQUIRE(url.starts_with(base + "/v1/files/"));
  return url.substr(base.size());
}

/// Lets the clock run until a fact holds.
template <class Fact>
void advance_until(SessionsFixture& fixture, Fact fact) {
  const auto limit = std::chrono::steady_clock::now() + driftstack::testing::kRunLimit;
  while (!fact()) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    fixture.host().clock().advance(1s);
    std::this_thread::yield();
  }
}

struct Fixture : SessionsFixture {
  explicit Fixture(Options options = Options()) : SessionsFixture(options) {
    browsers.on_capture = [this](const browser::Capture&) -> Result<browser::Captured> {
      browser::Captured captured;
      captured.bytes.data = picture;
      return captured;
    };
  }
  std::string picture = "the bytes of a picture";
};

TEST_CASE("a stored capture answers its artefact in place of the bytes, and the artefact is there") {
  Fixture fixture;
  const auto session = fixture.create();
  const auto kept = keep(fixture, session);
  const auto id = text_member(kept, "id");
  CHECK(id.starts_with("art_"));
  CHECK(json_member(kept, "byte_size") == "22");
  CHECK(text_member(kept, "sha256") == driftstack::testing::sha256_hex(fixture.picture));
  const auto shown = fixture.get("/v1/artifacts/" + id);
  REQUIRE(shown);
  CHECK(text_member(shown->body, "session_id") == session);
  CHECK(text_member(shown->body, "kind") == "screenshot");
  CHECK(text_member(shown->body, "content_type") == "image/png");
  CHECK(text_member(shown->body, "sha256") == text_member(kept, "sha256"));
  CHECK(text_member(shown->body, "expires_at") == text_member(kept, "expires_at"));
  CHECK(fixture.objects.keys().size() == 1);
}

TEST_CASE("a link answers the bytes as a download that no page can run") {
  Fixture fixture;
  const auto session = fixture.create();
  const auto kept = keep(fixture, session, "dom_snapshot");
  const auto file = fixture.get(path_of(kept));
  REQUIRE(file);
  CHECK(file->status == 200);
  CHECK(file->body == fixture.picture);
  CHECK(file->content_type == "text/html; charset=utf-8");
  std::string disposition, policy;
  for (const auto& header : file->headers) {
    if (header.name == "Content-Disposition") disposition = header.value;
    if (header.name == "Content-Security-Policy") policy = header.value;
  }
  CHECK(disposition == "attachment; filename=\"" + text_member(kept, "id") + ".html\"");
  CHECK(policy == "default-src 'none'; sandbox");
}

TEST_CASE("a link that was changed in any place, or expired, or whose artefact is deleted, is not found") {
  Fixture fixture;
  const auto session = fixture.create();
  const auto kept = keep(fixture, session);
  const auto path = path_of(kept);
  REQUIRE(fixture.get(path));
  for (std::size_t at = std::string("/v1/files/").size(); at < path.size(); ++at) {
    std::string changed = path;
    changed[at] = changed[at] == '0' ? '1' : '0';
    INFO(at);
    CHECK(code(fixture.get(changed)) == Errc::not_found);
  }
  CHECK(code(fixture.get("/v1/files/x")) == Errc::not_found);
  SECTION("after an hour") {
    fixture.host().clock().advance(59min);
    CHECK(fixture.get(path));
    fixture.host().clock().advance(1min);
    CHECK(code(fixture.get(path)) == Errc::not_found);
    CHECK(fixture.get("/v1/artifacts/" + text_member(kept, "id")));
  }
  SECTION("after its deletion") {
    REQUIRE(fixture.send(Method::delete_, "/v1/artifacts/" + text_member(kept, "id")));
    CHECK(code(fixture.get(path)) == Errc::not_found);
  }
}

TEST_CASE("another account's artefact is not found, not listed and not deleted") {
  Fixture fixture;
  const auto session = fixture.create();
  const auto id = text_member(keep(fixture, session), "id");
  const auto other = driftstack::testing::test_principal(2, ScopeSet{Scope::account_owner}, "api_builder");
  CHECK(code(fixture.send_as(other, Method::get, "/v1/artifacts/" + id)) == Errc::not_found);
  CHECK(code(fixture.send_as(other, Method::delete_, "/v1/artifacts/" + id)) == Errc::not_found);
  const auto listed = fixture.send_as(other, Method::get, "/v1/artifacts?session_id=" + session);
  REQUIRE(listed);
  CHECK(ids(listed->body).empty());
  CHECK(fixture.get("/v1/artifacts/" + id));
}

TEST_CASE("artefacts are listed newest first, in pages, and by session") {
  Fixture fixture;
  const auto one = fixture.create();
  const auto two = fixture.create();
  std::vector<std::string> kept;
  for (const auto& session : {one, two, one}) kept.insert(kept.begin(), text_member(keep(fixture, session), "id"));
  CHECK(ids(list(fixture)) == kept);
  CHECK(ids(list(fixture, "?session_id=" + one)) == std::vector<std::string>{kept[0], kept[2]});
  const auto first = list(fixture, "?limit=2");
  CHECK(ids(first) == std::vector<std::string>{kept[0], kept[1]});
  const auto cursor = text_member(first, "next_cursor");
  const auto second = list(fixture, "?limit=2&cursor=" + cursor);
  CHECK(ids(second) == std::vector<std::string>{kept[2]});
  CHECK(json_member(second, "has_more") == "false");
  CHECK(code(fixture.get("/v1/artifacts?cursor=" + cursor + "&session_id=" + one)) == Errc::validation_failed);
  CHECK(code(fixture.get("/v1/artifacts?session_id=nonsense")) == Errc::validation_failed);
  CHECK(code(fixture.get("/v1/artifacts?limit=101")) == Errc::validation_failed);
}

TEST_CASE("a deleted artefact is gone with its object, and deleting it again is not found") {
  Fixture fixture;
  const auto session = fixture.create();
  const auto path = "/v1/artifacts/" + text_member(keep(fixture, session), "id");
  const auto deleted = fixture.send(Method::delete_, path);
  REQUIRE(deleted);
  CHECK(deleted->status == 204);
  CHECK(fixture.objects.keys().empty());
  CHECK(code(fixture.get(path)) == Errc::not_found);
  CHECK(code(fixture.send(Method::delete_, path)) == Errc::not_found);
  CHECK(code(fixture.get("/v1/artifacts/nonsense")) == Errc::not_found);
}

TEST_CASE("an artefact ends with its retention, object and row") {
  Fixture fixture;
  const auto session = fixture.create();
  const auto path = "/v1/artifacts/" + text_member(keep(fixture, session), "id");
  fixture.host().clock().advance(24h * 30 - 1min);
  CHECK(fixture.get(path));
  fixture.host().clock().advance(1min);
  CHECK(code(fixture.get(path)) == Errc::not_found);
  advance_until(fixture, [&] { return fixture.objects.keys().empty(); });
}

TEST_CASE("what was deleted while the object store was away is removed when it is back") {
  Fixture fixture;
  const auto session = fixture.create();
  const auto path = "/v1/artifacts/" + text_member(keep(fixture, session), "id");
  std::atomic<bool> away{true};
  fixture.objects.trouble = [&](std::string_view) { return away ? std::optional(Error(Errc::unavailable, "away")) : std::nullopt; };
  const auto deleted = fixture.send(Method::delete_, path);
  REQUIRE(deleted);
  CHECK(code(fixture.get(path)) == Errc::not_found);
  CHECK(fixture.objects.keys().size() == 1);
  away = false;
  advance_until(fixture, [&] { return fixture.objects.keys().empty(); });
}

TEST_CASE("an object whose row was never finished is removed after an hour, and not before") {
  Fixture fixture;
  const auto session = fixture.create();
  const auto id = text_member(keep(fixture, session), "id");
  // As a crash between object and row leaves it.
  const auto call = fixture.host().call();
  static constinit const db::Statement kUnfinish("UPDATE sessions_artifacts SET state = 'storing', due_at = created_at + 3600000000");
  REQUIRE(driftstack::testing::run(fixture.host(), fixture.database().write(*call, kUnfinish, db::Values())));
  CHECK(code(fixture.get("/v1/artifacts/" + id)) == Errc::not_found);
  fixture.host().clock().advance(58min);
  ArtifactStore rows(fixture.database());
  Artifacts artifacts(fixture.host(), rows, &fixture.objects, 24h);
  auto early = driftstack::testing::run(fixture.host(), artifacts.sweep(0));
  REQUIRE(early);
  CHECK_FALSE(*early);
  CHECK(fixture.objects.keys().size() == 1);
  advance_until(fixture, [&] { return fixture.objects.keys().empty(); });
}

TEST_CASE("two servers never sweep the same artefact at the same time") {
  Fixture fixture;
  const auto session = fixture.create();
  (void)keep(fixture, session);
  ArtifactStore rows(fixture.database());
  const auto call = fixture.host().call();
  const std::int64_t later = fixture.host().clock().unix_micros() + std::chrono::microseconds(24h * 31).count();
  const auto first = driftstack::testing::run(fixture.host(), rows.claim_due(*call, later, later + 1000));
  const auto second = driftstack::testing::run(fixture.host(), rows.claim_due(*call, later, later + 1000));
  const auto after_lease = driftstack::testing::run(fixture.host(), rows.claim_due(*call, later + 1000, later + 2000));
  REQUIRE((first && second && after_lease));
  CHECK(first->size() == 1);
  CHECK(second->empty());
  CHECK(after_lease->size() == 1);
}

TEST_CASE("a store that refuses leaves a ready session and nothing listed") {
  Fixture fixture;
  const auto session = fixture.create();
  fixture.objects.trouble = [](std::string_view) { return std::optional(Error(Errc::unavailable, "full")); };
  CHECK(code(fixture.post("/v1/sessions/" + session + "/capture", R"({"kind":"pdf","store":true})")) == Errc::feature_unavailable);
  CHECK(fixture.status(session) == "ready");
  CHECK(ids(list(fixture)).empty());
}

TEST_CASE("without an object store, storing is refused before the browser is asked") {
  Options options;
  options.with_objects = false;
  Fixture fixture(options);
  const auto session = fixture.create();
  CHECK(code(fixture.post("/v1/sessions/" + session + "/capture", R"({"kind":"pdf","store":true})")) == Errc::feature_unavailable);
  CHECK(fixture.browsers.dispatches("capture") == 0);
  CHECK(fixture.post("/v1/sessions/" + session + "/capture", R"({"kind":"pdf"})"));
}

TEST_CASE("a document too large for an answer can be stored, one beyond the cap of its kind cannot") {
  Fixture fixture;
  const auto session = fixture.create();
  const auto path = "/v1/sessions/" + session + "/capture";
  fixture.picture = std::string((std::size_t{8} << 20) + 1, 'x');
  CHECK(code(fixture.post(path, R"({"kind":"dom_snapshot"})")) == Errc::payload_too_large);
  const auto kept = keep(fixture, session, "dom_snapshot");
  CHECK(json_member(kept, "byte_size") == "8388609");
  const auto file = fixture.get(path_of(kept));
  REQUIRE(file);
  CHECK(file->body == fixture.picture);
  CHECK(code(fixture.post(path, R"({"kind":"pdf","store":true})")) == Errc::payload_too_large);
  CHECK(fixture.objects.keys().size() == 1);
}

}  // namespace
}  // namespace driftstack::sessions::test
