#include "plugins/browser-webkit/protocol/messages.hpp"

#include <catch2/catch.hpp>

namespace driftstack::browser_webkit::protocol {
namespace {

template <class Message>
Message round_trip(const Message& message) {
  Message back;
  wire::Issues issues;
  REQUIRE(wire::read(wire::to_text(message), back, issues) == wire::Outcome::ok);
  return back;
}

TEST_CASE("an interaction survives the way to the session process, typed text included") {
  browser::TypeText type;
  type.selector = "#a";
  type.text = "secret é😀";
  type.delay_ms = 5;
  browser::Interact message;
  message.session_id = "ses_1";
  message.action = type;
  message.timeout_ms = 1234;

  const browser::Interact back = round_trip(message);
  CHECK(back.timeout_ms == 1234);
  const auto* typed = std::get_if<browser::TypeText>(&back.action);
  REQUIRE(typed != nullptr);
  CHECK(typed->selector == type.selector);
  CHECK(typed->text == type.text);
  CHECK(typed->delay_ms == type.delay_ms);
}

TEST_CASE("a failure keeps its code and the kind of load error") {
  FromSession message;
  message.id = 7;
  message.error.emplace();
  message.error->code = FailureCode::load_failed;
  message.error->message = "no such name";
  message.error->load_error = browser::LoadError::dns;

  const FromSession back = round_trip(message);
  REQUIRE(back.error);
  CHECK(back.id == 7);
  CHECK(back.error->code == FailureCode::load_failed);
  CHECK(back.error->load_error == browser::LoadError::dns);
  CHECK_FALSE(back.result);
}

TEST_CASE("what a session process may not say is refused") {
  for (const char* text : {"", "[]", R"({"id":"1"})", R"({"id":1,"attachment_bytes":-1})", R"({"error":{"code":"other","message":"x"}})"}) {
    FromSession message;
    wire::Issues issues;
    CHECK(wire::read(text, message, issues) != wire::Outcome::ok);
  }
}

}  // namespace
}  // namespace driftstack::browser_webkit::protocol
