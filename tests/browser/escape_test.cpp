// A hostile page tries every way that the engine offers to reach a server that it must not reach. Each way has its twin: with the target
// allowed it gets there, so the page really tries.

#include <catch2/catch.hpp>

#include <algorithm>
#include <thread>

#include "allowing.hpp"

namespace driftstack::browser_test {
namespace {

// #done appears when all of it has come to an end. TARGET is the canary, OWN the page's own server.
constexpr const char* kHostilePage = R"(<!doctype html>
<link rel=stylesheet href="http://TARGET/stylesheet"><link rel=preload as=script href="http://TARGET/preload">
<link rel=prefetch href="http://TARGET/prefetch"><link rel=preconnect href="http://TARGET/"><link rel=dns-prefetch href="http://TARGET/">
<link rel=icon href="http://TARGET/icon"><link rel=modulepreload href="http://TARGET/modulepreload">
<style>@import url(http://TARGET/import); @font-face { font-family: f; src: url(http://TARGET/font) }
  #b { background: url(http://TARGET/background); font-family: f }</style>
<p id=b>text</p><img src="http://TARGET/picture"><img src="/to?http://TARGET/redirected-picture"><script src="http://TARGET/script"></script>
<iframe src="http://TARGET/frame"></iframe><iframe src="/to?http://TARGET/redirected-frame"></iframe>
<iframe srcdoc="<meta http-equiv=refresh content='0;url=http://TARGET/refresh'>"></iframe>
<iframe srcdoc="<img src='http://TARGET/picture-in-frame'>"></iframe>
<iframe sandbox="allow-scripts" srcdoc="<script>fetch('http://TARGET/fetch-in-sandbox', {mode: 'no-cors'})</script>"></iframe>
<object data="http://TARGET/object"></object><embed src="http://TARGET/embed"><video src="http://TARGET/video"></video>
<svg><image href="http://TARGET/svg-image" /></svg><form id=form action="http://TARGET/form" target=formed></form><iframe name=formed></iframe>
<a id=download download href="http://TARGET/download">d</a><a id=ping ping="http://TARGET/ping" href="#x">p</a>
<script>
  const settle = (begin) => new Promise((done) => { begin(done); setTimeout(done, 8000) });
  const ways = [
    fetch('http://TARGET/fetch', {mode: 'no-cors'}), fetch('http://TARGET/keepalive', {mode: 'no-cors', keepalive: true}),
    fetch('/to?http://TARGET/redirected-fetch', {mode: 'no-cors'}), fetch('http://TARGET/fetch-with-cors', {headers: {'x-y': 'z'}}),
    settle((done) => { const r = new XMLHttpRequest(); r.onloadend = done; r.open('GET', 'http://TARGET/xhr'); r.send() }),
    settle((done) => { const s = new WebSocket('ws://TARGET/socket'); s.onopen = s.onerror = done }),
    settle((done) => { const s = new WebSocket('wss://TARGET/secure-socket'); s.onopen = s.onerror = done }),
    settle((done) => { const s = new EventSource('http://TARGET/events'); s.onopen = s.onerror = done }),
    settle((done) => { const w = new Worker('/worker'); w.onmessage = done }),
    settle(async (done) => { await navigator.serviceWorker.register('/service-worker'); await navigator.serviceWorker.ready; setTimeout(done, 500) }),
    import('http://TARGET/module'),
  ];
  navigator.sendBeacon('http://TARGET/beacon', 'x');
  document.getElementById('form').submit();
  document.getElementById('download').click();
  document.getElementById('ping').click();
  open('http://TARGET/window');
  for (const scheme of ['file:///etc/passwd', 'ftp://TARGET/ftp', 'view-source:http://TARGET/source']) {
    const frame = document.createElement('iframe');
    frame.src = scheme;
    document.body.append(frame);
  }
  const loaded = new Promise((done) => addEventListener('load', done));
  Promise.allSettled([...ways, loaded]).then(() => document.body.insertAdjacentHTML('beforeend', '<p id=done>done</p>'));
</script>)";

constexpr const char* kWorker = R"(fetch('http://TARGET/worker-fetch', {mode: 'no-cors'}).catch(() => 0).then(() => {
  try { importScripts('http://TARGET/worker-import') } catch (e) {}
  postMessage('done');
}))";
constexpr const char* kServiceWorker = R"(self.addEventListener('install', (e) => e.waitUntil(
  fetch('http://TARGET/service-worker-fetch', {mode: 'no-cors'}).catch(() => 0))))";

std::string aimed(std::string text, const std::string& target) {
  constexpr std::string_view kPlaceholder = "TARGET";
  for (std::size_t at = text.find(kPlaceholder); at != std::string::npos; at = text.find(kPlaceholder, at + target.size())) {
    text.replace(at, kPlaceholder.size(), target);
  }
  return text;
}

/// A server of the attacker's whose pages go for `target`.
class Attacker {
 public:
  explicit Attacker(const std::string& target) {
    server.page("/", aimed(kHostilePage, target));
    for (const auto& [path, code] : {std::pair("/worker", kWorker), std::pair("/service-worker", kServiceWorker)}) {
      server.page(path, [body = aimed(code, target)](const PageRequest&) {
        PageAnswer answer(body);
        answer.content_type = "text/javascript";
        return answer;
      });
    }
    server.page("/to", [](const PageRequest& request) {
      PageAnswer answer;
      answer.status = 302;
      answer.headers.push_back("Location: " + request.query);
      return answer;
    });
  }
  PageServer server;
};

// Ways that the engine takes when it may. The others (prefetch, preconnect, downloads, pop-ups without a person, frames of other schemes)
// it never takes.
const std::vector<std::string> kWays = {"/stylesheet",
                                        "/preload",
                                        "/import",
                                        "/font",
                                        "/background",
                                        "/picture",
                                        "/redirected-picture",
                                        "/script",
                                        "/frame",
                                        "/redirected-frame",
                                        "/refresh",
                                        "/picture-in-frame",
                                        "/fetch-in-sandbox",
                                        "/object",
                                        "/embed",
                                        "/video",
                                        "/svg-image",
                                        "/form",
                                        "/ping",
                                        "/fetch",
                                        "/keepalive",
                                        "/redirected-fetch",
                                        "/fetch-with-cors",
                                        "/xhr",
                                        "/socket",
                                        "/events",
                                        "/module",
                                        "/beacon",
                                        "/worker-fetch",
                                        "/worker-import",
                                        "/service-worker-fetch"};

TEST_CASE("no way of a hostile page leads to a server that it must not reach", "[browser][guard][escape]") {
  PageServer canary;
  const std::string port = ":" + std::to_string(canary.port());
  const std::string target = GENERATE("127.0.0.1", "localhost") + port;
  Attacker attacker(target);
  Browser browser(allowing(attacker.server));
  browser.open(attacker.server.url("/"));
  REQUIRE(browser.wait_for("#done", 25'000)->satisfied);
  CHECK(canary.connections() == 0);
  const Result<browser::Stopped> stopped = browser.stop();
  REQUIRE(stopped);
  CHECK(stopped->traffic.refused > 20);
  CHECK(canary.connections() == 0);
}

TEST_CASE("with the target allowed every way of that page gets there", "[browser][escape]") {
  PageServer canary;
  Attacker attacker(canary.host_and_port());
  Browser browser(allowing(attacker.server, canary));
  browser.open(attacker.server.url("/"));
  REQUIRE(browser.wait_for("#done", 25'000)->satisfied);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);  // beacons and pings come behind everything else
  for (const std::string& way : kWays) {
    INFO(way);
    while (canary.requests(way).empty() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    CHECK_FALSE(canary.requests(way).empty());
  }
  for (const char* way : {"/prefetch", "/window", "/download", "/ftp", "/source"}) CHECK(canary.requests(way).empty());
}

TEST_CASE("addresses of networks around the machine are refused, and a page waits for none of them", "[browser][guard][escape]") {
  PageServer server;
  std::string page = "<script>const tries = [";
  for (const char* host : {"169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.100.100.200", "[fd00:ec2::254]", "[fe80::1]",
                           "0.0.0.0", "metadata.google.internal.localhost"}) {
    page += "fetch('http://" + std::string(host) + "/', {mode: 'no-cors'}).then(() => 'reached', () => 'refused'),";
  }
  page += "]; Promise.all(tries).then((all) => document.body.innerHTML = '<p id=all>' + [...new Set(all)] + '</p>')</script><body>";
  server.page("/", page);
  Browser browser(allowing(server));
  const auto begin = std::chrono::steady_clock::now();
  browser.open(server.url("/"));
  REQUIRE(browser.wait_for("#all", 10'000)->satisfied);
  CHECK(browser.text("#all") == "refused");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(9));  // refused, not timed out
}

}  // namespace
}  // namespace driftstack::browser_test
