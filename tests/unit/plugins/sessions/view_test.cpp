// Live view: tokens, viewers, and people in control.

#include <catch2/catch.hpp>
#include <future>

#include "driftstack/support/timestamp.hpp"
#include "driftstack/testing/run.hpp"
#include "sessions_fixture.hpp"
#include "view/view_stream.hpp"
#include "view/view_token.hpp"

namespace driftstack::sessions::test {
namespace {

using namespace std::chrono_literals;

std::string token_path(const std::string& id) { return "/v1/sessions/" + id + "/view-token"; }

std::string make_token(SessionsFixture& fixture, const std::string& id, std::string body = "{}") {
  const auto answer = fixture.post(token_path(id), std::move(body));
  INFO((answer ? "" : answer.error().detail));
  REQUIRE(answer);
  REQUIRE(answer->status == 201);
  return text_member(answer->body, "token");
}

Result<Response> look(SessionsFixture& fixture, const std::string& id, const std::string& token) {
  return fixture.get("/v1/sessions/" + id + "/view?token=" + token);
}

/// One viewer, driven as the host would.
class Viewer {
 public:
  Viewer(SessionsFixture& fixture, const std::string& id, const std::string& token) : fixture_(fixture), call_(fixture.host().call(5min)) {
    auto answer = look(fixture, id, token);
    INFO((answer ? "" : answer.error().detail));
    REQUIRE(answer);
    REQUIRE(answer->messages);
    stream_ = std::move(answer->messages);
  }
  Result<std::optional<SocketMessage>> next() { return testing::run(fixture_.host(), stream_->next(*call_)); }
  Result<> say(std::string text, SocketMessage::Kind kind = SocketMessage::Kind::text) {
    return testing::run(fixture_.host(), stream_->receive(*call_, SocketMessage(kind, std::move(text))));
  }
  MessageStream& stream() { return *stream_; }

 private:
  SessionsFixture& fixture_;
  std::unique_ptr<Call> call_;
  std::unique_ptr<MessageStream> stream_;
};

TEST_CASE("a token is shown once, for ten minutes of looking, and the database holds its digest only") {
  SessionsFixture fixture;
  const std::string id = fixture.create();
  const auto before = fixture.host().clock().unix_micros();
  const auto answer = fixture.post(token_path(id), "");
  REQUIRE(answer);
  CHECK(text_member(answer->body, "mode") == "view");
  const std::string token = text_member(answer->body, "token");
  CHECK(token.starts_with("vwt_"));
  CHECK(Timestamp::from_text(text_member(answer->body, "expires_at"))->micros() >=
        before + kViewTokenMicros - 1000);  // shown in milliseconds
  CHECK(make_token(fixture, id) != token);
  const db::Statement all("SELECT digest, mode FROM sessions_view_tokens ORDER BY expires_at");
  const auto call = fixture.host().call();
  const auto rows = testing::run(fixture.host(), fixture.database().read(*call, all, {}));
  REQUIRE(rows);
  REQUIRE(rows->size() == 2);
  CHECK((*rows)[0].text(0).find(token.substr(4)) == std::string_view::npos);
  const auto log = fixture.get("/v1/sessions/" + id + "/logs");
  CHECK(log->body.find("view-token view: ok") != std::string::npos);
  CHECK(log->body.find(token) == std::string::npos);
}

TEST_CASE("a token for control needs the scope to write, one for looking that to read") {
  SessionsFixture fixture;
  const std::string id = fixture.create();
  Principal reader = fixture.caller;
  reader.scopes = ScopeSet{Scope::read_sessions};
  CHECK(fixture.send_as(reader, Method::post, token_path(id), "{}"));
  CHECK(fixture.send_as(reader, Method::post, token_path(id), R"({"mode":"control"})").error().code == Errc::forbidden);
  Principal writer = reader;
  writer.scopes = ScopeSet{Scope::read_sessions, Scope::write_sessions};
  CHECK(fixture.send_as(writer, Method::post, token_path(id), R"({"mode":"control"})"));
  CHECK(fixture.post(token_path(id), R"({"mode":"both"})").error().code == Errc::validation_failed);
}

TEST_CASE("tokens are for sessions that run, of the caller's account, on a server that can show them") {
  SessionsFixture fixture;
  const std::string id = fixture.create();
  const auto stranger = testing::test_principal(2, ScopeSet{Scope::account_owner}, "api_builder");
  CHECK(fixture.send_as(stranger, Method::post, token_path(id), "{}").error().code == Errc::not_found);
  CHECK(fixture.post(token_path("ses_nonsense"), "{}").error().code == Errc::not_found);
  REQUIRE(fixture.send(Method::delete_, "/v1/sessions/" + id));
  CHECK(fixture.post(token_path(id), "{}").error().code == Errc::session_destroyed);
  Options blind;
  blind.with_view = false;
  SessionsFixture other(blind);
  CHECK(other.post(token_path(other.create()), "{}").error().code == Errc::driver_not_integrated);
}

TEST_CASE("a token opens its own session until its time is over or the session is, and nothing else does") {
  SessionsFixture fixture;
  const std::string id = fixture.create(), other = fixture.create();
  const std::string token = make_token(fixture, id);
  CHECK(look(fixture, id, token));
  const auto refused = [&](const std::string& session, const std::string& text) {
    const auto answer = look(fixture, session, text);
    return !answer && answer.error().code == Errc::unauthorized && answer.error().detail == "The view token is not valid.";
  };
  CHECK(refused(other, token));
  CHECK(refused(id, token + "x"));
  CHECK(refused(id, ""));
  CHECK(refused("ses_nonsense", token));
  const std::string late = make_token(fixture, other);
  REQUIRE(fixture.send(Method::delete_, "/v1/sessions/" + other));
  CHECK(refused(other, late));
  fixture.host().clock().advance(10min);
  CHECK(refused(id, token));
}

TEST_CASE("a viewer gets a picture, then one for each change, in the form of the specification") {
  SessionsFixture fixture;
  const std::string id = fixture.create();
  Viewer viewer(fixture, id, make_token(fixture, id));
  REQUIRE(viewer.next());
  fixture.browsers.show(id, "jpeg", 1280, 800);
  const auto message = viewer.next();
  REQUIRE(message);
  REQUIRE(*message);
  CHECK((*message)->kind == SocketMessage::Kind::binary);
  CHECK((*message)->data == std::string("\x01\x00\x00\x00\x02\x05\x00\x03\x20jpeg", 13));
}

TEST_CASE("a viewer's stream ends with its token, with the session, and when the host says so") {
  SessionsFixture fixture;
  const std::string id = fixture.create();
  Viewer viewer(fixture, id, make_token(fixture, id));
  REQUIRE(viewer.next());
  SECTION("token") {
    fixture.host().clock().advance(10min);
    CHECK(viewer.next().error().code == Errc::unauthorized);
  }
  SECTION("session") {
    REQUIRE(fixture.send(Method::delete_, "/v1/sessions/" + id));
    const auto end = viewer.next();
    REQUIRE(end);
    CHECK_FALSE(*end);
  }
  SECTION("host") {
    viewer.stream().stop();
    const auto end = viewer.next();
    REQUIRE(end);
    CHECK_FALSE(*end);
  }
}

TEST_CASE("who may look only cannot send input") {
  SessionsFixture fixture;
  const std::string id = fixture.create();
  Viewer viewer(fixture, id, make_token(fixture, id));
  CHECK(viewer.say(R"({"kind":"tap","x":1,"y":2})").error().code == Errc::forbidden);
  CHECK(fixture.browsers.dispatches("send_input") == 0);
  CHECK(fixture.post("/v1/sessions/" + id + "/navigate", R"({"url":"https://example.com/"})"));
}

TEST_CASE("a person in control pauses automation, and nobody else takes control meanwhile") {
  SessionsFixture fixture;
  const std::string id = fixture.create();
  const std::string token = make_token(fixture, id, R"({"mode":"control"})");
  const std::string navigate = "/v1/sessions/" + id + "/navigate", url = R"({"url":"https://example.com/"})";
  {
    Viewer person(fixture, id, token);
    const auto paused = fixture.post(navigate, url);
    REQUIRE_FALSE(paused);
    CHECK(paused.error().code == Errc::conflict);
    CHECK(paused.error().members == R"("code":"paused")");
    CHECK(fixture.get("/v1/sessions/" + id + "/state").error().members == R"("code":"paused")");
    CHECK(fixture.status(id) == "ready");
    const auto second = look(fixture, id, token);
    REQUIRE_FALSE(second);
    CHECK(second.error().members == R"("code":"controlled")");
    CHECK(look(fixture, id, make_token(fixture, id)));  // looking is no control
  }
  CHECK(fixture.post(navigate, url));
  CHECK(look(fixture, id, token));
}

TEST_CASE("input of a person reaches the browser, and the log says its kind only") {
  SessionsFixture fixture;
  const std::string id = fixture.create();
  browser::SendInput got;
  fixture.browsers.on_send_input = [&](const browser::SendInput& message) {
    got = message;
    return Result<browser::Interacted>();
  };
  Viewer person(fixture, id, make_token(fixture, id, R"({"mode":"control"})"));
  REQUIRE(person.say(R"({"kind":"tap","x":10.5,"y":20})"));
  CHECK(got.session_id == id);
  REQUIRE(std::holds_alternative<browser::TapAt>(got.input));
  CHECK(std::get<browser::TapAt>(got.input).x == 10.5);
  CHECK(std::get<browser::TapAt>(got.input).y == 20);
  REQUIRE(person.say(R"({"kind":"type","text":"typed-7b1e"})"));
  CHECK(std::get<browser::TypeKeys>(got.input).text == "typed-7b1e");
  REQUIRE(person.say(R"({"kind":"hover","x":1,"y":1})"));
  const auto log = fixture.get("/v1/sessions/" + id + "/logs");
  CHECK(log->body.find("control tap: ok") != std::string::npos);
  CHECK(log->body.find("control type: ok") != std::string::npos);
  CHECK(log->body.find("hover") == std::string::npos);
  CHECK(log->body.find("typed-7b1e") == std::string::npos);
}

TEST_CASE("what is no input ends the connection with a reason") {
  SessionsFixture fixture;
  const std::string id = fixture.create();
  Viewer person(fixture, id, make_token(fixture, id, R"({"mode":"control"})"));
  CHECK(person.say("nonsense").error().code == Errc::bad_request);
  CHECK(person.say(R"({"kind":"tap","x":1,"y":1})", SocketMessage::Kind::binary).error().code == Errc::bad_request);
  CHECK(person.say(R"({"kind":"evaluate","script":"1"})").error().code == Errc::validation_failed);
  CHECK(person.say(R"({"kind":"tap","x":-1,"y":1})").error().code == Errc::validation_failed);
  CHECK(person.say(R"({"kind":"tap"},"session_id":{})").error().code == Errc::bad_request);
  CHECK(fixture.browsers.dispatches("send_input") == 0);
}

TEST_CASE("input that cannot be carried out is told, and the connection lives on") {
  SessionsFixture fixture;
  const std::string id = fixture.create();
  Viewer person(fixture, id, make_token(fixture, id, R"({"mode":"control"})"));
  REQUIRE(person.next());
  fixture.browsers.on_send_input = [](const browser::SendInput&) -> Result<browser::Interacted> {
    return Error(Errc::bad_request, "there is no key with this name");
  };
  REQUIRE(person.say(R"({"kind":"press","key":"Nope"})"));
  const auto told = person.next();
  REQUIRE(told);
  REQUIRE(*told);
  CHECK((*told)->kind == SocketMessage::Kind::text);
  CHECK((*told)->data == R"({"code":"bad-request","detail":"there is no key with this name"})");
  CHECK(fixture.status(id) == "ready");
}

TEST_CASE("an operation that began before control ends in peace; input has to wait for it") {
  SessionsFixture fixture;
  const std::string id = fixture.create();
  fixture.browsers.hold("wait");
  auto waiting = fixture.send_later(Method::post, "/v1/sessions/" + id + "/wait", R"({"condition":{"kind":"time","ms":1}})");
  fixture.browsers.wait_until_held("wait");
  Viewer person(fixture, id, make_token(fixture, id, R"({"mode":"control"})"));
  REQUIRE(person.next());
  REQUIRE(person.say(R"({"kind":"tap","x":1,"y":1})"));
  CHECK((**person.next()).data.starts_with(R"({"code":"busy")"));
  fixture.browsers.release("wait");
  CHECK(waiting.get());
  REQUIRE(person.say(R"({"kind":"tap","x":1,"y":1})"));
  CHECK(fixture.browsers.dispatches("send_input") == 1);
}

TEST_CASE("five look at a session at most, and a place is free when one leaves") {
  SessionsFixture fixture;
  const std::string id = fixture.create();
  const std::string token = make_token(fixture, id);
  std::vector<std::unique_ptr<Viewer>> viewers;
  for (int i = 0; i < 5; ++i) viewers.push_back(std::make_unique<Viewer>(fixture, id, token));
  CHECK(look(fixture, id, token).error().code == Errc::rate_limited);
  viewers.pop_back();
  CHECK(look(fixture, id, token));
}

}  // namespace
}  // namespace driftstack::sessions::test
