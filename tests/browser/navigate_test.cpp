#include <catch2/catch.hpp>

#include "allowing.hpp"

namespace driftstack::browser_test {
namespace {

using browser::LoadError;
using browser::WaitUntil;

PageAnswer slow(std::string html, std::chrono::milliseconds delay) {
  PageAnswer answer(std::move(html));
  answer.delay = delay;
  return answer;
}

/// A port of this machine on which nobody listens (any more).
std::string closed_port() {
  const PageServer gone;
  return gone.host_and_port();
}

TEST_CASE("a page loads, and its status and the address after redirects are told", "[browser]") {
  PageServer server;
  server.page("/end", "<title>End</title><h1>here</h1>");
  server.redirect("/begin", "/end");
  Browser browser(allowing(server));

  const browser::Navigated navigated = browser.open(server.url("/begin"));
  CHECK(navigated.status == 200);
  CHECK(navigated.final_url == server.url("/end"));
  CHECK(browser.text("h1") == "here");
}

TEST_CASE("an error document is an answer and not a failure", "[browser]") {
  PageServer server;
  Browser browser(allowing(server));

  CHECK(browser.open(server.url("/missing")).status == 404);
  const Result<browser::State> state = browser.state();
  REQUIRE(state);
  REQUIRE(state->page_state.has_value());
  REQUIRE(state->page_state->error.has_value());
  CHECK(state->page_state->error->kind == LoadError::http);
  CHECK(state->page_state->error->http_status == 404);
}

TEST_CASE("domcontentloaded does not wait for a slow picture, load does", "[browser]") {
  PageServer server;
  server.page("/", "<h1>text</h1><img src=/slow>");
  server.page("/slow", [](const PageRequest&) { return slow("no picture", std::chrono::milliseconds(1200)); });
  Browser browser(allowing(server));

  const Result<browser::Navigated> early = browser.navigate(server.url("/"), WaitUntil::domcontentloaded);
  REQUIRE(early);
  CHECK(early->duration_ms < 1000);
  const Result<browser::Navigated> late = browser.navigate(server.url("/"), WaitUntil::load);
  REQUIRE(late);
  CHECK(late->duration_ms >= 1000);
}

TEST_CASE("networkidle waits for a request that begins after the load", "[browser]") {
  PageServer server;
  server.page("/", "<p id=p>before</p><script>setTimeout(() => fetch('/data').then(() => p.textContent = 'after'), 100)</script>");
  server.page("/data", [](const PageRequest&) { return slow("x", std::chrono::milliseconds(400)); });
  Browser browser(allowing(server));

  REQUIRE(browser.navigate(server.url("/"), WaitUntil::networkidle));
  CHECK(browser.text("#p") == "after");
  REQUIRE(browser.navigate(server.url("/"), WaitUntil::load));
  CHECK(browser.text("#p") == "before");
}

TEST_CASE("a closed port, an unknown name and a broken handshake are told apart", "[browser]") {
  PageServer server;
  BrowserOptions options = allowing(server);
  const std::string closed = closed_port();
  options.egress_allow.push_back(closed);
  Browser browser(options);

  struct Expected {
    std::string url, kind;
  };
  const std::vector<Expected> all = {
      {"http://" + closed + "/", "net"}, {"http://name.invalid/", "dns"}, {"https://" + server.host_and_port() + "/", "tls"}};
  for (const Expected& expected : all) {
    const Result<browser::Navigated> failed = browser.navigate(expected.url);
    INFO(expected.url);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == Errc::driver_error);
    CHECK(failed.error().members == "\"kind\":\"" + expected.kind + "\"");
  }
}

TEST_CASE("a port that the engine refuses by itself is a failure and not an empty page", "[browser]") {
  PageServer server;
  BrowserOptions options = allowing(server);
  options.egress_allow.push_back("127.0.0.1:1");
  Browser browser(options);

  const Result<browser::Navigated> failed = browser.navigate("http://127.0.0.1:1/");
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::driver_error);
}

TEST_CASE("a page that does not load in its time is a timeout", "[browser]") {
  PageServer server;
  server.page("/", [](const PageRequest&) { return slow("late", std::chrono::seconds(20)); });
  Browser browser(allowing(server));

  const Result<browser::Navigated> failed = browser.navigate(server.url("/"), WaitUntil::load, 1000);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::session_timeout);
}

TEST_CASE("a place in the same document is reached without another request", "[browser]") {
  PageServer server;
  server.page("/", "<h1 id=there>there</h1>");
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  const browser::Navigated moved = browser.open(server.url("/#there"));
  CHECK(moved.status == 200);
  CHECK(moved.final_url == server.url("/#there"));
  CHECK(server.requests("/").size() == 1);
}

TEST_CASE("a download is no page: as a target it fails, behind a link it leaves the page alone", "[browser]") {
  PageServer server;
  server.page("/", "<h1>page</h1><a id=save href=/file>save</a>");
  server.page("/file", [](const PageRequest&) {
    PageAnswer answer("content");
    answer.headers.push_back("Content-Disposition: attachment; filename=file.txt");
    return answer;
  });
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  REQUIRE(browser.tap("#save"));
  while (server.requests("/file").empty()) REQUIRE(browser.wait_for("h1"));
  CHECK(browser.text("h1") == "page");
  const Result<browser::Navigated> failed = browser.navigate(server.url("/file"));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::driver_error);
}

TEST_CASE("an answer without content keeps the page and tells its status", "[browser]") {
  PageServer server;
  server.page("/", "<h1>page</h1>");
  server.page("/nothing", [](const PageRequest&) {
    PageAnswer answer;
    answer.status = 204;
    return answer;
  });
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  CHECK(browser.open(server.url("/nothing")).status == 204);
  CHECK(browser.text("h1") == "page");
}

TEST_CASE("the session has the language, time zone and window of its archetype", "[browser]") {
  PageServer server;
  server.page("/",
              "<p></p><script>document.querySelector('p').textContent = [navigator.language, Intl.DateTimeFormat().resolvedOptions()"
              ".timeZone, innerWidth, innerHeight, devicePixelRatio, screen.width, navigator.webdriver].join(' ')</script>");
  BrowserOptions options = allowing(server);
  const auto [archetype, expected] = GENERATE(table<std::string, std::string>(
      {{"webkit_desktop_1280", "en-US UTC 1280 800 1 1280 false"}, {"webkit_phone_393", "en-US UTC 393 852 3 393 false"}}));
  options.archetype = archetype;
  Browser browser(options);

  browser.open(server.url("/"));
  CHECK(browser.text("p") == expected);
  CHECK(server.requests("/").front().headers.at("accept-language").starts_with("en-US"));
}

}  // namespace
}  // namespace driftstack::browser_test
