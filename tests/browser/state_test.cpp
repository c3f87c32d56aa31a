// What a session leaves behind for the next one on its profile, and that a session without a profile leaves nothing.

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>

#include "allowing.hpp"
#include "driftstack/support/state_archive.hpp"

namespace driftstack::browser_test {
namespace {

// Stores one thing in every place that a page has, then says so.
constexpr const char* kWritingPage = R"html(<p>writing</p><script>
const opened = (name) => new Promise((done, failed) => {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore('things');
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});
(async () => {
  localStorage.setItem('kept', 'local ü 日本 \u{1F600}');
  sessionStorage.setItem('kept', 'session');
  const database = await opened('kept');
  await new Promise((done) => {
    const writing = database.transaction('things', 'readwrite');
    writing.objectStore('things').put(new Blob(['indexed']), 'kept');
    writing.oncomplete = done;
  });
  await (await caches.open('kept')).put('/cached', new Response('cached'));
  await navigator.serviceWorker.register('/worker.js');
  await navigator.serviceWorker.ready;
  document.querySelector('p').id = 'done';
})();
addEventListener('pagehide', () => sessionStorage.setItem('last', 'word'));
</script>)html";

constexpr const char* kReadingPage = R"html(<p>reading</p><pre id="early"></pre><script>
document.getElementById('early').textContent = sessionStorage.getItem('kept') + ' ' + sessionStorage.getItem('last');
const opened = () => new Promise((done) => {
  const request = indexedDB.open('kept', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('things');
  request.onsuccess = () => done(request.result);
});
const text = async (thing) => thing ? await thing.text() : 'nothing';
(async () => {
  const database = await opened();
  const indexed = await new Promise((done) => {
    const reading = database.transaction('things').objectStore('things').get('kept');
    reading.onsuccess = () => done(reading.result);
  });
  const worker = await (await fetch('/from-worker')).text();
  const parts = [localStorage.getItem('kept'), await text(indexed), await text(await caches.match('/cached')), worker];
  document.querySelector('p').textContent = parts.join(' | ');
  document.querySelector('p').id = 'done';
})();
</script>)html";

constexpr const char* kWorker = R"js(
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  if (event.request.url.endsWith('/from-worker')) event.respondWith(new Response('worker'));
});
)js";

/// A site that remembers its visitors in every way there is.
void serve_site(PageServer& server) {
  server.page("/write", [](const PageRequest&) {
    PageAnswer answer(kWritingPage);
    answer.headers = {"Set-Cookie: visit=of=this; HttpOnly; SameSite=Strict; Path=/", "Set-Cookie: year=1; Max-Age=31536000; Path=/read",
                      "Set-Cookie: gone=1; Max-Age=1; Path=/"};
    return answer;
  });
  server.page("/read", kReadingPage);
  server.page("/from-worker", "network");
  server.page("/worker.js", [](const PageRequest&) {
    PageAnswer answer(kWorker);
    answer.content_type = "text/javascript";
    return answer;
  });
}

MemoryFile saved_by(Browser& browser) {
  Result<browser::SavedState> saved = browser.save_state();
  INFO((saved ? std::string() : saved.error().detail));
  REQUIRE(saved);
  REQUIRE(saved->state.is_sealed());
  REQUIRE(browser.stop());
  return std::move(saved->state);
}

void start_again(Browser& browser, const std::string& session, MemoryFile state) {
  const Result<> started = browser.start_keeping(session, std::move(state));
  INFO((started ? std::string() : started.error().detail));
  REQUIRE(started);
}

/// The private directory of the session that was started last: what its process was told.
std::string directory_of(Browser& browser) {
  std::string found;
  for (const pid_t pid : browser.processes()) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
    std::string program, directory;
    std::getline(file, program, '\0');
    std::getline(file, directory, '\0');
    if (program == "driftstack-webkit-session") found = directory;
  }
  return found;
}

void require_done(Browser& browser) {
  const auto done = browser.wait_for("#done", 10'000);
  REQUIRE(done);
  REQUIRE(done->satisfied);
}

TEST_CASE("a profile's next session finds cookies, storages, databases, caches and service workers as they were", "[browser]") {
  PageServer server;
  serve_site(server);
  Browser browser(allowing(server));
  start_again(browser, "ses_first", MemoryFile());
  browser.open(server.url("/write"));
  require_done(browser);

  start_again(browser, "ses_second", saved_by(browser));
  browser.open(server.url("/read"));
  require_done(browser);
  CHECK(browser.text("#early") == "session word");
  CHECK(browser.text("#done") == "local ü 日本 \U0001F600 | indexed | cached | worker");

  const auto requests = server.requests("/read");
  REQUIRE(requests.size() == 1);
  CHECK(requests.front().headers.at("cookie").find("visit=of=this") != std::string::npos);
  CHECK(requests.front().headers.at("cookie").find("year=1") != std::string::npos);
  const auto state = browser.state();
  REQUIRE(state);
  const auto cookie = [&](const std::string& name) {
    const auto at = std::find_if(state->cookies.begin(), state->cookies.end(), [&](const auto& one) { return one.name == name; });
    REQUIRE(at != state->cookies.end());
    return *at;
  };
  CHECK(cookie("visit").http_only);
  CHECK(cookie("visit").same_site == "strict");
  CHECK(cookie("visit").domain == "127.0.0.1");
  CHECK_FALSE(cookie("visit").expires);
  CHECK(cookie("year").expires);
  CHECK(cookie("year").path == "/read");
  CHECK_FALSE(cookie("year").http_only);
}

TEST_CASE("a session without a state to begin with sees none of it", "[browser][guard]") {
  PageServer server;
  serve_site(server);
  Browser browser(allowing(server));
  start_again(browser, "ses_first", MemoryFile());
  browser.open(server.url("/write"));
  require_done(browser);
  saved_by(browser);

  start_again(browser, "ses_second", MemoryFile());
  browser.open(server.url("/read"));
  require_done(browser);
  CHECK(browser.text("#early") == "null null");
  CHECK(browser.text("#done") == "| nothing | nothing | network");
  CHECK_FALSE(server.requests("/read").front().headers.contains("cookie"));
}

TEST_CASE("a session storage that the page cleared stays cleared, and frames have their own", "[browser]") {
  PageServer server, other;
  other.page("/frame", "<p></p><script>sessionStorage.setItem('frame', 'its own')</script>");
  other.page("/read", "<p></p><script>document.querySelector('p').textContent = sessionStorage.getItem('frame')</script>");
  server.page("/outer", "<iframe src='" + other.url("/frame") + "'></iframe><script>sessionStorage.setItem('outer', '1')</script>");
  server.page("/clear", "<p></p><script>document.querySelector('p').textContent = sessionStorage.length; sessionStorage.clear()</script>");
  server.page("/again", "<iframe src='" + other.url("/read") + "'></iframe><script>document.title = sessionStorage.length</script>");
  Browser browser(allowing(server, other));
  start_again(browser, "ses_first", MemoryFile());
  browser.open(server.url("/outer"));

  start_again(browser, "ses_second", saved_by(browser));
  browser.open(server.url("/clear"));
  CHECK(browser.text("p") == "1");
  browser.open(server.url("/again"));
  CHECK(browser.state()->title == "0");
  browser::FrameMatch frame;
  frame.host = "127.0.0.1";
  frame.path_prefix = "/read";
  CHECK(browser.text("p", frame) == "its own");
}

TEST_CASE("saving cancels the running command and is the last one; nothing of the session is left on disk", "[browser]") {
  PageServer server;
  server.page("/", "<p>x</p>");
  Browser browser(allowing(server));
  start_again(browser, "ses_first", MemoryFile());
  browser.open(server.url("/"));
  const std::string folder = directory_of(browser);
  REQUIRE(std::filesystem::exists(folder));
  std::promise<Errc> outcome;
  browser::Wait message;
  message.session_id = browser.session();
  browser::SelectorPresent never;
  never.selector = "#never";
  message.condition = never;
  auto task = browser.backend().wait(browser.call(), std::move(message));
  testing::call_on_io(browser.host(), [&] {
    driftstack::start(std::move(task),
                      [&](Result<browser::Waited> result) { outcome.set_value(result ? Errc::misuse : result.error().code); });
  });
  auto saved = browser.save_state();
  REQUIRE(saved);
  CHECK(outcome.get_future().get() == Errc::cancelled);
  CHECK_FALSE(browser.navigate(server.url("/")));
  CHECK_FALSE(browser.save_state());
  REQUIRE(browser.stop());
  CHECK_FALSE(std::filesystem::exists(folder));
}

TEST_CASE("a page that hangs is left behind, with what it stored", "[browser]") {
  PageServer server;
  server.page("/hang", "<script>localStorage.setItem('a', 'stored'); setTimeout(() => { for (;;) continue; }, 0)</script>");
  server.page("/read", "<p></p><script>document.querySelector('p').textContent = localStorage.getItem('a')</script>");
  Browser browser(allowing(server));
  start_again(browser, "ses_first", MemoryFile());
  browser.open(server.url("/hang"));

  start_again(browser, "ses_second", saved_by(browser));
  browser.open(server.url("/read"));
  CHECK(browser.text("p") == "stored");
}

TEST_CASE("caches and service workers are marked as what can be fetched again", "[browser]") {
  PageServer server;
  serve_site(server);
  Browser browser(allowing(server));
  start_again(browser, "ses_first", MemoryFile());
  browser.open(server.url("/write"));
  require_done(browser);
  const MemoryFile state = saved_by(browser);
  Result<MemoryFile> trimmed = trim_state_archive(state);
  REQUIRE(trimmed);
  CHECK(trimmed->size() < state.size());

  start_again(browser, "ses_second", std::move(*trimmed));
  browser.open(server.url("/read"));
  require_done(browser);
  CHECK(browser.text("#done") == "local ü 日本 \U0001F600 | indexed | nothing | network");
}

}  // namespace
}  // namespace driftstack::browser_test
