// Sessions through a customer's proxy, trying a proxy, and lists of domains.

#include <catch2/catch.hpp>

#include <algorithm>

#include "allowing.hpp"
#include "plugins/browser-webkit/driver/containment.hpp"
#include "proxy_server.hpp"

namespace driftstack::browser_test {
namespace {

using browser::ProxyFailure;
using browser::ProxyScheme;

const Credentials kAda("ada", "s3cret:word");

BrowserOptions through(const ProxyServer& proxy, std::optional<Credentials> credentials = std::nullopt) {
  BrowserOptions options;
  options.egress_allow.push_back(proxy.host_and_port());
  options.adjust = [&proxy, credentials](browser::Start& message) { message.proxy = proxy.proxy(credentials); };
  return options;
}

TEST_CASE("a session with a proxy loads everything through it, names included", "[browser][proxy]") {
  const ProxyScheme scheme = GENERATE(ProxyScheme::socks5, ProxyScheme::http);
  PageServer server;
  server.page("/", "<h1>through</h1><script src='http://other.test/script'></script>");
  server.page("/script", "document.querySelector('h1').textContent += ' and on'");
  ProxyServer proxy(scheme, kAda);
  proxy.knows("site.test", server.port());
  proxy.knows("other.test", server.port());
  Browser browser(through(proxy, kAda));
  browser.open("http://site.test/");
  CHECK(browser.text("h1") == "through and on");
  const std::vector<std::string> asked = proxy.asked();
  CHECK(std::count(asked.begin(), asked.end(), "site.test") >= 1);
  CHECK(std::count(asked.begin(), asked.end(), "other.test") >= 1);
  const Result<browser::Navigated> unknown = browser.navigate("http://unknown.test/");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::driver_error);
}

TEST_CASE("a session never goes past its proxy", "[browser][guard][proxy]") {
  PageServer server;
  server.page("/", "<h1>direct</h1>");
  ProxyServer proxy(ProxyScheme::socks5);
  proxy.knows("site.test", server.port());
  BrowserOptions options = through(proxy);
  options.egress_allow.push_back("localhost:" + std::to_string(server.port()));  // would be dialled without a proxy
  Browser browser(options);
  browser.open("http://site.test/");
  const unsigned before = server.connections();

  SECTION("an allowed target that the proxy does not know is not dialled instead") {
    CHECK_FALSE(browser.navigate("http://localhost:" + std::to_string(server.port()) + "/"));
    CHECK(server.connections() == before);
  }
  SECTION("nor when the proxy is gone") {
    proxy.break_down();
    CHECK_FALSE(browser.navigate("http://localhost:" + std::to_string(server.port()) + "/"));
    CHECK(server.connections() == before);
  }
  SECTION("inside addresses are not asked for") {
    const std::size_t asked = proxy.asked().size();
    for (const std::string host : {"127.0.0.1", "169.254.169.254", "10.0.0.1", "[::1]", "localhost", "a.localhost"}) {
      INFO(host);
      CHECK_FALSE(browser.navigate("http://" + host + ":81/"));
    }
    CHECK(proxy.asked().size() == asked);
  }
}

TEST_CASE("a proxy at an inside address carries nothing unless the operator named it", "[browser][guard][proxy]") {
  PageServer server;
  ProxyServer proxy(ProxyScheme::socks5);
  proxy.knows("site.test", server.port());
  BrowserOptions options = through(proxy);
  options.egress_allow.clear();
  Browser browser(options);
  CHECK_FALSE(browser.navigate("http://site.test/"));
  CHECK(proxy.asked().empty());
}

std::optional<ProxyFailure> probe(Browser& browser, browser::Proxy proxy, std::int64_t timeout_ms = 5000) {
  browser::ProbeProxy message;
  message.proxy = std::move(proxy);
  message.timeout_ms = timeout_ms;
  const Result<browser::ProxyProbed> probed =
      testing::run(browser.host(), browser.backend().probe_proxy(browser.call(), std::move(message)));
  REQUIRE(probed);
  return probed->failure;
}

TEST_CASE("trying a proxy tells what is wrong with it", "[browser][proxy]") {
  PageServer web;
  const browser_webkit::Descriptor silent(browser_webkit::listen_on_loopback(0));  // takes connections and says nothing
  web.page("/", "x");
  const ProxyScheme scheme = GENERATE(ProxyScheme::socks5, ProxyScheme::http);
  ProxyServer works(scheme, kAda), blocked(scheme);
  works.knows("probe.test", web.port());
  BrowserOptions options;
  options.egress_allow = {works.host_and_port(), blocked.host_and_port(),
                          "127.0.0.1:" + std::to_string(browser_webkit::port_of(silent.get())), "127.0.0.1:9"};
  Browser browser(options);

  CHECK_FALSE(probe(browser, works.proxy(kAda)));
  REQUIRE(web.requests("/").size() == 1);
  CHECK(web.requests("/").front().method == "HEAD");
  CHECK(probe(browser, works.proxy(Credentials("ada", "wrong"))) == ProxyFailure::auth_failed);
  CHECK(probe(browser, works.proxy()) == ProxyFailure::auth_failed);
  CHECK(probe(browser, blocked.proxy()) == ProxyFailure::egress_blocked);
  browser::Proxy nobody = works.proxy();
  nobody.port = 9;
  CHECK(probe(browser, std::move(nobody)) == ProxyFailure::unreachable);
  browser::Proxy inside = works.proxy();
  inside.host = "localhost";
  CHECK(probe(browser, std::move(inside)) == ProxyFailure::unreachable);
  browser::Proxy slow = works.proxy();
  slow.scheme = ProxyScheme::socks5;
  slow.port = browser_webkit::port_of(silent.get());
  CHECK(probe(browser, std::move(slow), 200) == ProxyFailure::timeout);
}

TEST_CASE("with lists of domains a session reaches what they permit and nothing else", "[browser][guard]") {
  PageServer server;
  const std::string named = "localhost:" + std::to_string(server.port());
  server.page("/", "<h1>page</h1><img src='http://" + named +
                       "/picture' onerror=\"this.insertAdjacentHTML('afterend', '<p id=refused>')\" "
                       "onload=\"this.insertAdjacentHTML('afterend', '<p id=loaded>')\">");
  server.page("/picture", [](const PageRequest&) {
    PageAnswer answer("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>");
    answer.content_type = "image/svg+xml";
    return answer;
  });
  BrowserOptions options = allowing(server);
  options.egress_allow.push_back(named);
  options.warm_sessions = 1;

  SECTION("blocked") {
    options.adjust = [](browser::Start& message) { message.blocked_domains = {"localhost"}; };
    Browser browser(options);
    browser.open(server.url("/"));
    CHECK(browser.wait_for("#refused")->satisfied);
    CHECK(server.requests("/picture").empty());
    CHECK_FALSE(browser.navigate("http://" + named + "/"));
  }
  SECTION("allowed") {
    options.adjust = [](browser::Start& message) { message.allowed_domains = {"localhost"}; };
    Browser browser(options);
    CHECK_FALSE(browser.navigate(server.url("/")));
    browser.open("http://" + named + "/");
    CHECK(browser.wait_for("#loaded")->satisfied);
  }
  SECTION("twin") {
    Browser browser(options);
    browser.open(server.url("/"));
    CHECK(browser.wait_for("#loaded")->satisfied);
  }
}

}  // namespace
}  // namespace driftstack::browser_test
