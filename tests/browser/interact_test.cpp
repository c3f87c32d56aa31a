#include <catch2/catch.hpp>

#include "allowing.hpp"

namespace driftstack::browser_test {
namespace {

/// Notes every input event of the page with its isTrusted, and shows the notes in #log.
constexpr const char* kRecorder = R"(<pre id=log></pre><script>
const notes = [];
for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click', 'keydown', 'beforeinput', 'input', 'keyup', 'wheel', 'submit'])
  addEventListener(kind, e => { notes.push(kind + (e.isTrusted ? '' : ' FAKE')); log.textContent = notes.join(' '); }, true);
</script>)";

TEST_CASE("a tap is one press of the main button, and everything that the page sees of it is trusted", "[browser]") {
  PageServer server;
  server.page("/", std::string("<button id=b onclick=\"n.textContent += 'x'; v.textContent = navigator.userActivation.isActive\">b</button>"
                               "<p id=n></p><p id=v></p>") +
                       kRecorder);
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  REQUIRE(browser.tap("#b"));
  CHECK(browser.text("#n") == "x");
  CHECK(browser.text("#v") == "true");
  CHECK(browser.text("#log") == "pointerdown mousedown pointerup mouseup click");
}

TEST_CASE("an event that the page makes itself is no acknowledgement, and is marked as not trusted", "[browser]") {
  PageServer server;
  server.page("/", std::string(kRecorder) + "<script>document.body.click()</script>");
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  CHECK(browser.text("#log") == "click FAKE");
}

TEST_CASE("a covered element is not tapped, and the answer names what covers it", "[browser]") {
  PageServer server;
  const std::string button = "<button id=b style='position:absolute;top:50px' onclick=\"n.textContent='tapped'\">b</button><p id=n></p>";
  server.page("/covered", button + "<div id=curtain class=modal style='position:fixed;inset:0;background:#fff8'></div>");
  server.page("/bare", button);
  Browser browser(allowing(server));

  browser.open(server.url("/covered"));
  const Result<browser::Interacted> refused = browser.tap("#b", 400);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::session_timeout);
  CHECK(refused.error().detail == "button#b is covered by div#curtain.modal");
  CHECK(browser.text("#n").empty());

  browser.open(server.url("/bare"));
  REQUIRE(browser.tap("#b", 400));
  CHECK(browser.text("#n") == "tapped");
}

TEST_CASE("what cannot be tapped is waited for, and then the reason is told", "[browser]") {
  PageServer server;
  server.page("/", "<button id=disabled disabled>b</button><button id=hidden style='display:none'>b</button><input id=fixed readonly>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  const auto reason = [](const Result<browser::Interacted>& result) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::session_timeout);
    return result.error().detail;
  };
  CHECK(reason(browser.tap("#absent", 200)) == "no element matches");
  CHECK(reason(browser.tap("#hidden", 200)) == "button#hidden is not visible");
  CHECK(reason(browser.tap("#disabled", 200)) == "button#disabled is disabled");
  CHECK(reason(browser.type("#fixed", "x", 0, 200)) == "input#fixed is read-only");
}

TEST_CASE("a selector that does not parse is the caller's mistake and costs no time", "[browser]") {
  PageServer server;
  server.page("/", "<p>x</p>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  for (const std::string selector : {"##", "p[", "'); alert(1); ('"}) {
    const Result<browser::Interacted> refused = browser.tap(selector);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::bad_request);
  }
  const Result<browser::Waited> waited = browser.wait_for("##");
  REQUIRE_FALSE(waited);
  CHECK(waited.error().code == Errc::bad_request);
  CHECK(browser.text("p") == "x");
}

TEST_CASE("an element that appears later, moves, and lies below the fold is tapped where it comes to rest", "[browser]") {
  PageServer server;
  server.page("/", R"(<style>@keyframes slide { from { margin-left: 0 } to { margin-left: 400px } }
    button { animation: slide 300ms linear forwards; display: block; margin-top: 3000px }</style><p id=n></p><script>
    setTimeout(() => { const b = document.createElement('button'); b.id = 'late'; b.textContent = 'late';
      b.onclick = () => n.textContent = 'at ' + getComputedStyle(b).marginLeft; document.body.append(b); }, 150)</script>)");
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  REQUIRE(browser.tap("#late"));
  CHECK(browser.text("#n") == "at 400px");
}

TEST_CASE("an element in an open shadow root is found and tapped", "[browser]") {
  PageServer server;
  server.page("/",
              "<div id=host></div><p id=n></p><script>host.attachShadow({mode: 'open'}).innerHTML ="
              "\"<button id=inner onclick=\\\"n.textContent='inner'\\\">b</button>\"</script>");
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  REQUIRE(browser.tap("#inner"));
  CHECK(browser.text("#n") == "inner");
}

TEST_CASE("text of every script arrives by trusted keys", "[browser]") {
  PageServer server;
  server.page("/", std::string("<input id=i oninput='n.textContent = i.value'><p id=n></p>") + kRecorder);
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  const std::string text = "Hello, Wörld! Ελλάδα Привет 你好 עברית € 😀 ~`{}|\\\"'";
  REQUIRE(browser.type("#i", text));
  CHECK(browser.text("#n") == text);
  const std::string log = browser.text("#log");
  CHECK(log.find("keydown") != std::string::npos);
  CHECK(log.find("FAKE") == std::string::npos);
}

TEST_CASE("typing goes on at the caret, in the focused field without another tap", "[browser]") {
  PageServer server;
  server.page("/", std::string("<input id=i value=old oninput='n.textContent = i.value'><p id=n></p>") + kRecorder);
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  REQUIRE(browser.type("#i", "New"));
  CHECK(browser.text("#n") == "oldNew");
  REQUIRE(browser.press("Home"));
  REQUIRE(browser.type("#i", "1"));
  CHECK(browser.text("#n") == "1oldNew");
  const std::string log = browser.text("#log");
  CHECK(log.find("click") == log.rfind("click"));
}

TEST_CASE("a long text arrives complete and in order, more than one batch of rare characters included", "[browser]") {
  PageServer server;
  server.page("/", "<textarea id=t oninput='n.textContent = t.value'></textarea><p id=n></p>");
  Browser browser(allowing(server));
  std::string text;
  for (int i = 0; i < 80; ++i) text += "line " + std::to_string(i) + " ";
  for (char32_t c = 0x4e00; c < 0x4e00 + 100; ++c) {  // 100 different Han characters: more than the keymap has room for at once
    text += {static_cast<char>(0xe0 | (c >> 12)), static_cast<char>(0x80 | ((c >> 6) & 0x3f)), static_cast<char>(0x80 | (c & 0x3f))};
  }

  browser.open(server.url("/"));
  REQUIRE(browser.type("#t", text, 0, 60'000));
  CHECK(browser.text("#n") == text);
}

TEST_CASE("the delay stands between the keystrokes", "[browser]") {
  PageServer server;
  server.page("/", "<input id=i>");
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  const Result<browser::Interacted> typed = browser.type("#i", "abcde", 100);
  REQUIRE(typed);
  CHECK(typed->duration_ms >= 400);
}

TEST_CASE("a form is filled and sent with the Enter key", "[browser]") {
  PageServer server;
  server.page("/", "<form action=/send method=post><input name=a id=a><input name=b id=b type=password><button>send</button></form>");
  server.page("/send", [](const PageRequest& request) { return PageAnswer("<h1>" + request.body + "</h1>"); });
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  REQUIRE(browser.type("#a", "one"));
  REQUIRE(browser.press("Tab"));
  REQUIRE(browser.type("#b", "two"));
  REQUIRE(browser.press("Enter"));
  REQUIRE(browser.wait_for_url("/send$")->satisfied);
  CHECK(browser.text("h1") == "a=one&b=two");
}

TEST_CASE("a key that does not exist is the caller's mistake", "[browser]") {
  PageServer server;
  server.page("/", "<p>x</p>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  for (const std::string key : {"Entr", "ab", "\x01"}) {
    const Result<browser::Interacted> refused = browser.press(key);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::bad_request);
  }
  CHECK(browser.press("F5"));
  CHECK(browser.press("é"));
}

TEST_CASE("the wheel scrolls the viewport or an element by exactly the wanted pixels", "[browser]") {
  PageServer server;
  server.page(
      "/", std::string("<div id=box style='width:300px;height:200px;overflow:scroll'><div style='width:2000px;height:2000px'></div></div>"
                       "<div style='width:9000px;height:9000px'></div><div id=at style='position:fixed;top:0;right:0'></div>"
                       "<script>setInterval(() => at.textContent = [scrollX, scrollY, box.scrollLeft, box.scrollTop], 5)</script>"));
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  const auto arrives_at = [&](const std::string& place) {
    while (browser.text("#at") != place) REQUIRE(browser.wait_for("#at"));  // stuck here = wrong place: the test's time limit ends it
  };

  REQUIRE(browser.scroll(0, 90, "#box"));
  arrives_at("0,0,0,90");
  REQUIRE(browser.scroll(120, -40, "#box"));
  arrives_at("0,0,120,50");
  REQUIRE(browser.scroll(0, 1000));
  arrives_at("0,1000,120,50");
  REQUIRE(browser.scroll(333, -300));
  arrives_at("333,700,120,50");
  REQUIRE(browser.scroll(0, 0));
  arrives_at("333,700,120,50");
}

TEST_CASE("dialogs are dismissed and the page goes on", "[browser]") {
  PageServer server;
  server.page("/",
              "<button id=b onclick=\"alert('a'); n.textContent = [confirm('c'), prompt('p')]\">b</button><p id=n></p>"
              "<script>addEventListener('beforeunload', e => { e.preventDefault(); e.returnValue = 'stay' })</script>");
  server.page("/next", "<h1>next</h1>");
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  REQUIRE(browser.tap("#b"));
  CHECK(browser.text("#n") == "false,");
  browser.open(server.url("/next"));
  CHECK(browser.text("h1") == "next");
}

TEST_CASE("a window that a tap opens is loaded in the session's one view; one that the page opens by itself is not", "[browser]") {
  PageServer server;
  server.page("/", "<button id=b onclick=\"window.open('/popup')\">b</button>");
  server.page("/link", "<a id=a target=_blank href=/popup>a</a>");
  server.page("/unasked", "<h1>stays</h1><script>window.open('/popup')</script>");
  server.page("/popup", "<h1>popup</h1>");
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  REQUIRE(browser.tap("#b"));
  CHECK(browser.wait_for_url("/popup$")->satisfied);
  browser.open(server.url("/link"));
  REQUIRE(browser.tap("#a"));
  CHECK(browser.wait_for_url("/popup$")->satisfied);
  CHECK(browser.text("h1") == "popup");
  browser.open(server.url("/unasked"));
  CHECK_FALSE(browser.wait_for_url("/popup$", 300)->satisfied);
  CHECK(browser.text("h1") == "stays");
}

TEST_CASE("permission, file, menu and full-screen requests do not stop a session", "[browser]") {
  PageServer server;
  server.page(
      "/",
      R"html(<button id=geo onclick="navigator.geolocation.getCurrentPosition(() => n.textContent = 'told', e => n.textContent = 'denied')">g</button>
    <input type=file id=file><select id=select onchange="n.textContent = select.value"><option>one<option>two</select>
    <button id=full onclick="document.documentElement.requestFullscreen?.().catch(() => 0)">f</button><p id=n></p>
    <button id=end onclick="n.textContent = 'still here'">e</button>)html");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  REQUIRE(browser.tap("#geo"));
  CHECK(browser.wait_for("#n:not(:empty)")->satisfied);
  CHECK(browser.text("#n") == "denied");
  REQUIRE(browser.tap("#file"));
  REQUIRE(browser.tap("#select"));
  REQUIRE(browser.press("ArrowDown"));
  CHECK(browser.text("#n") == "two");
  REQUIRE(browser.tap("#full"));
  REQUIRE(browser.tap("#end"));
  CHECK(browser.text("#n") == "still here");
}

TEST_CASE("waits: present, hidden, address, time; not satisfied is an answer", "[browser]") {
  PageServer server;
  server.page("/",
              "<p id=p>p</p><script>setTimeout(() => p.style.display = 'none', 150);"
              "setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<b>b</b>'), 250)</script>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  browser::SelectorHidden hidden;
  hidden.selector = "#p";
  CHECK(browser.wait(hidden)->satisfied);
  CHECK(browser.wait_for("b")->satisfied);
  hidden.selector = "b";
  const Result<browser::Waited> visible = browser.wait(hidden, 200);
  REQUIRE(visible);
  CHECK_FALSE(visible->satisfied);
  CHECK(visible->duration_ms >= 200);
  CHECK_FALSE(browser.wait_for_url("nowhere", 200)->satisfied);
  CHECK(browser.wait_for_url("^http://127.*/$")->satisfied);
  const Result<browser::Waited> broken = browser.wait_for_url("(");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == Errc::bad_request);
  browser::TimePassed time;
  time.ms = 120;
  CHECK(browser.wait(time)->duration_ms >= 120);
}

}  // namespace
}  // namespace driftstack::browser_test
