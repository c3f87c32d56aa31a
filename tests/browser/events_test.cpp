// What a page asks of a person: each has one defined outcome.

#include <catch2/catch.hpp>

#include "allowing.hpp"

namespace driftstack::browser_test {
namespace {

browser::AnswerDialog answer(bool accept, std::optional<std::string> text = std::nullopt) {
  browser::AnswerDialog action;
  action.accept = accept;
  action.text = std::move(text);
  return action;
}

constexpr const char* kDialogs = R"html(<button id=c onclick="n.textContent = confirm('sure?')">c</button>
  <button id=p onclick="n.textContent = prompt('name?', 'proposed')">p</button><p id=n></p>)html";

TEST_CASE("a prepared answer is for the next dialog, once", "[browser]") {
  PageServer server;
  server.page("/", kDialogs);
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  REQUIRE(browser.interact(answer(true)));
  REQUIRE(browser.tap("#c"));
  CHECK(browser.text("#n") == "true");
  REQUIRE(browser.tap("#c"));
  CHECK(browser.text("#n") == "false");
  REQUIRE(browser.interact(answer(true, "Ada")));
  REQUIRE(browser.tap("#p"));
  CHECK(browser.text("#n") == "Ada");
  REQUIRE(browser.interact(answer(false, "Ada")));
  REQUIRE(browser.tap("#p"));
  CHECK(browser.text("#n").empty());
}

TEST_CASE("a dialog that a tap opened waits for its answer; any other command dismisses it", "[browser]") {
  PageServer server;
  server.page("/", kDialogs);
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  REQUIRE(browser.tap("#c"));
  REQUIRE(browser.interact(answer(true)));
  CHECK(browser.text("#n") == "true");
  REQUIRE(browser.tap("#p"));
  REQUIRE(browser.interact(answer(true)));
  CHECK(browser.text("#n") == "proposed");
  REQUIRE(browser.tap("#c"));
  CHECK(browser.text("#n") == "false");
}

TEST_CASE("windows that the page opened are listed in the state", "[browser]") {
  PageServer server;
  server.page("/", "<a id=a target=_blank href=/popup>a</a>");
  server.page("/popup", "<h1>popup</h1>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  CHECK(browser.state()->popups.empty());

  REQUIRE(browser.tap("#a"));
  REQUIRE(browser.wait_for_url("/popup$")->satisfied);
  const Result<browser::State> state = browser.state();
  REQUIRE(state->popups.size() == 1);
  CHECK(state->popups.front().url == server.url("/popup"));
  CHECK(state->popups.front().at > 0);
}

TEST_CASE("HTTP authentication goes on without credentials: the page is the server's refusal", "[browser]") {
  PageServer server;
  server.page("/", [](const PageRequest&) {
    PageAnswer refusal("<h1>who are you?</h1>");
    refusal.status = 401;
    refusal.headers.push_back("WWW-Authenticate: Basic realm=\"x\"");
    return refusal;
  });
  Browser browser(allowing(server));

  CHECK(browser.open(server.url("/")).status == 401);
  CHECK(browser.text("h1") == "who are you?");
}

TEST_CASE("printing, leaving and full screen do not stop a page", "[browser]") {
  PageServer server;
  server.page("/", "<button id=b onclick=\"print(); n.textContent = 'printed'\">b</button><p id=n></p>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  REQUIRE(browser.tap("#b"));
  CHECK(browser.wait_for("text=\"printed\"")->satisfied);
}

}  // namespace
}  // namespace driftstack::browser_test
