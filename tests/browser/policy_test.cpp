// Where pages may go. Each refusal has its twin: the same page with the target allowed does reach it, so the page really tries.

#include <catch2/catch.hpp>

#include "allowing.hpp"

namespace driftstack::browser_test {
namespace {

TEST_CASE("a private address is refused while an allowed one beside it loads", "[browser][guard]") {
  PageServer allowed, secret;
  allowed.page("/", "<h1>allowed</h1>");
  secret.page("/", "<h1>secret</h1>");

  SECTION("refused") {
    Browser browser(allowing(allowed));
    browser.open(allowed.url("/"));
    const Result<browser::Navigated> refused = browser.navigate(secret.url("/"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::driver_error);
    CHECK(refused.error().members == R"("kind":"net")");
    CHECK(secret.connections() == 0);
  }
  SECTION("twin") {
    Browser browser(allowing(allowed, secret));
    browser.open(secret.url("/"));
    CHECK(secret.connections() > 0);
  }
}

TEST_CASE("other spellings and names of a private address are refused too", "[browser][guard]") {
  PageServer secret;
  secret.page("/", "<h1>secret</h1>");
  Browser browser{BrowserOptions()};
  const std::string port = ":" + std::to_string(secret.port()) + "/";

  for (const std::string host : {"2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "[::1]", "localhost",
                                 "LOCALHOST.", "a.localhost", "user@127.0.0.1", "0"}) {
    INFO(host);
    CHECK_FALSE(browser.navigate("http://" + host + port));
  }
  CHECK(secret.connections() == 0);
}

TEST_CASE("only http and https documents are opened", "[browser][guard]") {
  Browser browser{BrowserOptions()};
  for (const std::string url :
       {"file:///etc/passwd", "about:blank", "data:text/html,x", "javascript:1", "ftp://127.0.0.1/", "view-source:http://a/"}) {
    INFO(url);
    const Result<browser::Navigated> refused = browser.navigate(url);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::bad_request);
  }
}

/// Everything that a page can do to reach an address; `#done` appears when each way has come to an end.
constexpr const char* kAttempts = R"(<iframe src="http://TARGET/frame"></iframe><img src="http://TARGET/picture">
  <link rel=preconnect href="http://TARGET/"><script>
  const by = (begin) => new Promise((ok, no) => begin(ok, no));
  const ways = [
    fetch('http://TARGET/fetch', {mode: 'no-cors'}),
    by((ok, no) => { const r = new XMLHttpRequest(); r.onload = ok; r.onerror = no; r.open('GET', 'http://TARGET/xhr'); r.send() }),
    by((ok, no) => { const s = new WebSocket('ws://TARGET/socket'); s.onopen = ok; s.onerror = no; }),
    by((ok, no) => { const s = document.createElement('script'); s.onload = ok; s.onerror = no; s.src = 'http://TARGET/script'; document.head.append(s) }),
    by((ok) => { navigator.sendBeacon('http://TARGET/beacon', 'x'); addEventListener('load', ok) }),
  ];
  Promise.allSettled(ways).then(() => document.body.insertAdjacentHTML('beforeend', '<p id=done>done</p>'));
</script>)";

std::string attempts(const std::string& target) {
  constexpr std::string_view kPlaceholder = "TARGET";
  std::string html = kAttempts;
  for (std::size_t at = html.find(kPlaceholder); at != std::string::npos; at = html.find(kPlaceholder, at)) {
    html.replace(at, kPlaceholder.size(), target);
  }
  return html;
}

TEST_CASE("frames, pictures, scripts, fetch, beacons and sockets of a page do not reach a private address", "[browser][guard]") {
  PageServer page, secret;
  page.page("/", attempts(secret.host_and_port()));

  SECTION("refused") {
    Browser browser(allowing(page));
    browser.open(page.url("/"));
    REQUIRE(browser.wait_for("#done")->satisfied);
    CHECK(secret.connections() == 0);
  }
  SECTION("by a name that resolves to it") {
    page.page("/named", attempts("localhost:" + std::to_string(secret.port())));
    Browser browser(allowing(page));
    browser.open(page.url("/named"));
    REQUIRE(browser.wait_for("#done")->satisfied);
    CHECK(secret.connections() == 0);
    const Result<browser::Stopped> stopped = browser.stop();
    REQUIRE(stopped);
    CHECK(stopped->traffic.refused > 0);
    CHECK(stopped->traffic.connections > 0);
    CHECK(stopped->traffic.bytes_in > static_cast<std::int64_t>(attempts("").size()));
    CHECK(stopped->traffic.bytes_out > 0);
  }
  SECTION("twin") {
    Browser browser(allowing(page, secret));
    browser.open(page.url("/"));
    REQUIRE(browser.wait_for("#done")->satisfied);
    for (const std::string path : {"/frame", "/picture", "/fetch", "/xhr", "/socket", "/script", "/beacon"}) {
      INFO(path);
      CHECK_FALSE(secret.requests(path).empty());
    }
  }
}

TEST_CASE("a redirect, a link and a form do not lead to a private address", "[browser][guard]") {
  PageServer page, secret;
  secret.page("/", "<h1>secret</h1>");
  page.redirect("/redirect", secret.url("/"));
  page.page("/link", "<a id=go href='" + secret.url("/") + "'>go</a><h1>page</h1>");
  page.page("/form", "<form action='" + secret.url("/") + "'><button id=go>go</button></form><h1>page</h1>");

  SECTION("refused") {
    Browser browser(allowing(page));
    CHECK_FALSE(browser.navigate(page.url("/redirect")));
    for (const std::string path : {"/link", "/form"}) {
      browser.open(page.url(path));
      REQUIRE(browser.tap("#go"));
      CHECK(browser.becomes(browser::PageLoad::errored));
      CHECK(browser.text("h1") == "page");
    }
    CHECK(secret.connections() == 0);
  }
  SECTION("twin") {
    Browser browser(allowing(page, secret));
    CHECK(browser.open(page.url("/redirect")).final_url == secret.url("/"));
    for (const std::string path : {"/link", "/form"}) {
      browser.open(page.url(path));
      REQUIRE(browser.tap("#go"));
      REQUIRE(browser.wait_for_url(std::to_string(secret.port()))->satisfied);
      CHECK(browser.text("h1") == "secret");
    }
  }
}

}  // namespace
}  // namespace driftstack::browser_test
