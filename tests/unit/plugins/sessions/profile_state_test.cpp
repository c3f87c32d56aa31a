// The browser state of a profile on its way: into a session, out of it, and when it must not go either way.

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <span>

#include "driftstack/support/random_bytes.hpp"
#include "driftstack/support/state_archive.hpp"
#include "sessions_fixture.hpp"

namespace driftstack::sessions::test {
namespace {

namespace fs = std::filesystem;

struct StateFixture : SessionsFixture {
  std::string profile = make("a");

  std::string make(const std::string& name) { return text_member(post("/v1/profiles", R"({"name":")" + name + R"("})")->body, "id"); }
  Result<Response> launch() { return post("/v1/profiles/" + profile + "/launch", ""); }
  std::string launched() {
    const auto answer = launch();
    INFO((answer ? std::string() : answer.error().detail));
    REQUIRE(answer);
    return text_member(answer->body, "id");
  }
  Result<Response> destroy(const std::string& session) { return send(Method::delete_, "/v1/sessions/" + session); }
  /// A session that finds `before` as its cookies and leaves one more.
  void visit(std::size_t before, const std::string& cookie) {
    const auto session = launched();
    CHECK(cookies(session).size() == before);
    browsers.set_cookie(session, cookie, "1");
    REQUIRE(destroy(session));
  }
  std::set<std::string> cookies(const std::string& session) {
    const auto state = get("/v1/sessions/" + session + "/state");
    REQUIRE(state);
    std::set<std::string> names;
    const wire::Json body = wire::Json::from_compact(state->body);
    for (const auto& cookie : body.view().find("cookies")->elements()) names.insert(*cookie.find("name")->as_text());
    return names;
  }
  std::string shown(std::string_view name) { return json_member(get("/v1/profiles/" + profile)->body, name); }
  std::vector<std::string> files() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(host().data_directory() + "/profiles")) names.push_back(entry.path());
    return names;
  }
  std::string trim() { return post("/v1/profiles/" + profile + "/trim", "")->body; }
};

/// What no compression makes smaller.
std::string random_text(std::size_t size) {
  std::string text(size, '\0');
  fill_random(std::as_writable_bytes(std::span(text)));
  return text;
}

/// Why the log says that a state was not saved; empty when it does not.
std::string reason_in_log(SessionsFixture& fixture) {
  for (const auto& line : fixture.host().log().lines("the state of a profile was not saved")) {
    for (const auto& [name, value] : line.fields) {
      if (name == "reason") return value;
    }
  }
  return "";
}

TEST_CASE("a session on a profile begins with what the last one left; the profile tells how much that is and since when") {
  StateFixture fixture;
  CHECK(fixture.shown("size_bytes") == "null");
  CHECK(fixture.shown("last_saved_at") == "null");
  fixture.visit(0, "first");
  CHECK(fixture.shown("size_bytes") == std::to_string(fs::file_size(fixture.files().at(0))));
  CHECK(fixture.shown("last_saved_at") != "null");
  fixture.visit(1, "second");
  CHECK(fixture.cookies(fixture.launched()) == std::set<std::string>{"first", "second"});
  CHECK(fixture.files().size() == 1);
}

TEST_CASE("a session without a profile gets no state and is asked for none") {
  StateFixture fixture;
  fixture.visit(0, "first");
  bool keeps = true, given = true;
  fixture.browsers.on_start = [&](const browser::Start& message) {
    keeps = message.keeps_state;
    given = static_cast<bool>(message.state);
    return Result<Done>();
  };
  const auto asked = fixture.browsers.dispatches("save_state");
  REQUIRE(fixture.destroy(fixture.create()));
  CHECK_FALSE(keeps);
  CHECK_FALSE(given);
  CHECK(fixture.browsers.dispatches("save_state") == asked);
}

TEST_CASE("the state is kept before the session's row ends: until then the profile is in use, and a second destroy waits too") {
  StateFixture fixture;
  const auto session = fixture.launched();
  fixture.browsers.set_cookie(session, "first", "1");
  fixture.browsers.hold("save_state");
  auto destroying = fixture.send_later(Method::delete_, "/v1/sessions/" + session);
  fixture.browsers.wait_until_held("save_state");
  auto again = fixture.send_later(Method::delete_, "/v1/sessions/" + session);
  CHECK(fixture.launch().error().code == Errc::profile_in_use);
  CHECK(fixture.status(session) != "destroyed");
  CHECK(fixture.browsers.dispatches("stop") == 0);
  CHECK(again.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
  fixture.browsers.release("save_state");
  CHECK(destroying.get());
  CHECK(again.get());
  CHECK(fixture.browsers.dispatches("save_state") == 1);
  CHECK(fixture.cookies(fixture.launched()) == std::set<std::string>{"first"});
}

TEST_CASE("a session that fails keeps nothing: the profile is as it was") {
  StateFixture fixture;
  fixture.visit(0, "first");
  const auto session = fixture.launched();
  fixture.browsers.set_cookie(session, "second", "1");
  fixture.browsers.crash(session, "out of memory");
  fixture.await_status(session, "errored");
  CHECK(fixture.browsers.dispatches("save_state") == 1);
  CHECK(fixture.cookies(fixture.launched()) == std::set<std::string>{"first"});
}

TEST_CASE("the duration cap is a clean end") {
  StateFixture fixture;
  fixture.caller.tier = fixture.caller.effective_tier = TierSlug("free");
  const auto session = fixture.launched();
  fixture.browsers.set_cookie(session, "first", "1");
  fixture.host().clock().advance(std::chrono::minutes(21));
  fixture.await_status(session, "destroyed");
  CHECK(fixture.cookies(fixture.launched()) == std::set<std::string>{"first"});
}

TEST_CASE("a browser that gives no state, or too much, or nonsense: the session ends well, the old state stays, and the log says why") {
  StateFixture fixture;
  fixture.visit(0, "first");
  std::string reason;
  SECTION("it crashes meanwhile") {
    reason = "serialize_failed";
    fixture.browsers.on_save_state = [](const browser::SaveState&) { return Error(Errc::driver_error, "crashed"); };
  }
  SECTION("too much") {
    reason = "too_large";
    fixture.browsers.on_save_state = [](const browser::SaveState&) { return Error(Errc::payload_too_large, "300 MiB"); };
  }
  SECTION("nonsense") {
    reason = "degenerate_dump";
    fixture.browsers.on_save_state = [](const browser::SaveState&) {
      browser::SavedState saved;
      saved.state = std::move(*MemoryFile::of("nonsense"));
      return Result<browser::SavedState>(std::move(saved));
    };
  }
  const auto session = fixture.launched();
  fixture.browsers.set_cookie(session, "second", "1");
  CHECK(fixture.destroy(session));
  CHECK(fixture.status(session) == "destroyed");
  CHECK(reason_in_log(fixture) == reason);
  CHECK(fixture.cookies(fixture.launched()) == std::set<std::string>{"first"});
}

TEST_CASE("a disk that takes nothing: the session ends well and the old state stays") {
  StateFixture fixture;
  fixture.visit(0, "first");
  const std::string folder = fixture.host().data_directory() + "/profiles";
  const auto session = fixture.launched();
  fixture.browsers.set_cookie(session, "second", "1");
  fs::rename(folder, folder + ".away");
  CHECK(fixture.destroy(session));
  fs::rename(folder + ".away", folder);
  CHECK(reason_in_log(fixture) == "upload_failed");
  CHECK(fixture.cookies(fixture.launched()) == std::set<std::string>{"first"});
}

TEST_CASE("a state that was changed on disk starts no session, is not overwritten, and frees the profile") {
  StateFixture fixture;
  fixture.visit(0, "first");
  const auto file = fixture.files().at(0);
  const auto whole = fs::file_size(file);
  fs::copy_file(file, file + ".backup");
  fs::resize_file(file, whole - 1);
  const auto starts = fixture.browsers.dispatches("start");
  CHECK(fixture.launch().error().code == Errc::driver_error);
  CHECK(fixture.browsers.dispatches("start") == starts);
  CHECK(fs::file_size(file) == whole - 1);
  fs::rename(file + ".backup", file);
  CHECK(fixture.cookies(fixture.launched()) == std::set<std::string>{"first"});
}

TEST_CASE("the state of a session whose profile was put into the trash is dropped, also after a restore") {
  StateFixture fixture;
  fixture.visit(0, "first");
  const auto session = fixture.launched();
  fixture.browsers.set_cookie(session, "second", "1");
  REQUIRE(fixture.send(Method::delete_, "/v1/profiles/" + fixture.profile));
  if (GENERATE(true, false)) {
    REQUIRE(fixture.post("/v1/profiles/" + fixture.profile + "/restore", ""));
    REQUIRE(fixture.destroy(session));
  } else {
    REQUIRE(fixture.destroy(session));
    REQUIRE(fixture.post("/v1/profiles/" + fixture.profile + "/restore", ""));
  }
  CHECK(fixture.files().size() == 1);
  CHECK(fixture.cookies(fixture.launched()) == std::set<std::string>{"first"});
}

TEST_CASE("a purge takes key and file with it, and what a session still leaves comes too late") {
  StateFixture fixture;
  const bool had_state = GENERATE(true, false);
  if (had_state) fixture.visit(0, "first");
  const auto session = fixture.launched();
  REQUIRE(fixture.send(Method::delete_, "/v1/profiles/" + fixture.profile));
  REQUIRE(fixture.send(Method::delete_, "/v1/profiles/" + fixture.profile + "/purge"));
  CHECK(fixture.files().empty());
  CHECK(fixture.destroy(session));
  CHECK(fixture.files().empty());
  static constinit const db::Statement count("SELECT count(*) FROM profile_states");
  const auto call = fixture.host().call();
  CHECK((*testing::run(fixture.host(), fixture.database().read(*call, count, db::values())))[0].integer(0) == 0);
}

TEST_CASE("copies of a profile begin without its state: clone, import, snapshot") {
  StateFixture fixture;
  fixture.visit(0, "first");
  const std::string path = "/v1/profiles/" + fixture.profile;
  std::string copy;
  SECTION("clone") { copy = fixture.post(path + "/clone", "")->body; }
  SECTION("import") {
    copy = fixture.post("/v1/profiles/import", R"({"name_override":"b","envelope":)" + fixture.get(path + "/export")->body + "}")->body;
  }
  SECTION("snapshot") {
    const auto snapshot = text_member(fixture.post(path + "/snapshots", R"({"label":"x"})")->body, "id");
    copy = fixture.post("/v1/profile-snapshots/" + snapshot + "/restore", R"({"name":"b"})")->body;
  }
  CHECK(json_member(copy, "size_bytes") == "null");
  fixture.profile = text_member(copy, "id");
  CHECK(fixture.cookies(fixture.launched()).empty());
}

TEST_CASE("what is saved counts towards the storage quota, which a session without a profile does not meet") {
  StateFixture fixture;
  fixture.visit(0, "first");
  fixture.accounts.storage_bytes = std::stoll(fixture.shown("size_bytes"));
  const auto refused = fixture.launch();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::storage_quota_exceeded);
  fixture.create();
}

TEST_CASE("trimming drops what can be fetched again, never under a session, and needs something to trim") {
  StateFixture fixture;
  CHECK(text_member(fixture.trim(), "status") == "unavailable");
  const auto session = fixture.launched();
  fixture.browsers.on_save_state = [](const browser::SaveState&) {
    auto writer = StateArchiveWriter::begin();
    REQUIRE(writer->add("cache/x", StateKind::refetchable, random_text(100'000)));
    REQUIRE(writer->add("cookies.json", StateKind::kept, R"({"cookies":[]})"));
    browser::SavedState saved;
    saved.state = std::move(*writer->finish());
    return Result<browser::SavedState>(std::move(saved));
  };
  REQUIRE(fixture.destroy(session));
  const auto before = std::stoll(fixture.shown("size_bytes"));
  CHECK(before > 100'000);

  const auto live = fixture.launched();
  CHECK(text_member(fixture.trim(), "status") == "unavailable");
  CHECK(text_member(fixture.trim(), "reason") == "A session runs on this profile.");
  CHECK(std::stoll(fixture.shown("size_bytes")) == before);
  fixture.browsers.crash(live, "over");
  fixture.await_status(live, "errored");

  const auto trimmed = fixture.trim();
  CHECK(text_member(trimmed, "status") == "ok");
  const auto after = std::stoll(fixture.shown("size_bytes"));
  CHECK(after < 1000);
  CHECK(json_member(trimmed, "size_bytes") == std::to_string(after));
  CHECK(json_member(trimmed, "bytes_reclaimed") == std::to_string(before - after));
  CHECK(fixture.files().size() == 1);
  fixture.launched();
}

TEST_CASE("a trim that fails answers so and leaves the state; one of a profile that is not there is not found") {
  StateFixture fixture;
  fixture.visit(0, "first");
  const auto file = fixture.files().at(0);
  fs::resize_file(file, 10);
  CHECK(text_member(fixture.trim(), "status") == "error");
  CHECK(fs::file_size(file) == 10);
  CHECK(fixture.post("/v1/profiles/prof_00000000-0000-4000-8000-000000000000/trim", "").error().code == Errc::not_found);
}

}  // namespace
}  // namespace driftstack::sessions::test
