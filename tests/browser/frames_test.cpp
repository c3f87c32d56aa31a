// Frames named by their address: found, used and read; everything else is a conflict.

#include <catch2/catch.hpp>

#include "allowing.hpp"

namespace driftstack::browser_test {
namespace {

browser::FrameMatch frame(std::string host, std::optional<std::string> path = std::nullopt, std::map<std::string, std::string> query = {}) {
  browser::FrameMatch match;
  match.host = std::move(host);
  match.path_prefix = std::move(path);
  if (!query.empty()) match.query = std::move(query);
  return match;
}

TEST_CASE("a frame of another origin, in a frame, below the fold, is tapped, typed into and read", "[browser]") {
  PageServer top, other;
  top.page("/", "<h1>top</h1><p style='height:1500px'></p><iframe src='" + other.url("/middle") +
                    "' style='width:500px;height:400px;border:7px solid;padding:5px'></iframe>");
  other.page("/middle",
             "<p style='height:700px'>middle</p><iframe src='" + top.url("/inner?form=pay%20me") + "' style='border:3px solid'></iframe>");
  top.page("/inner", "<h1>inner</h1><input id=i><button id=b onclick=\"n.textContent = i.value + event.isTrusted\">b</button><p id=n></p>");
  Browser browser(allowing(top, other));
  browser.open(top.url("/"));
  const browser::FrameMatch inner = frame("127.0.0.1", "/inner", {{"form", "pay me"}});

  CHECK(browser.text("h1") == "top");
  CHECK(browser.text("h1", inner) == "inner");
  browser::TypeText typing;
  typing.selector = "#i";
  typing.text = "hello ";
  REQUIRE(browser.interact(typing, 5000, inner));
  browser::Tap tap;
  tap.selector = "role=button[name=b]";
  REQUIRE(browser.interact(tap, 5000, inner));
  CHECK(browser.text("#n", inner) == "hello true");
}

TEST_CASE("none or several frames that fit are a conflict, and nothing is touched", "[browser]") {
  PageServer server;
  server.page("/", "<iframe src=/a/one></iframe><iframe src=/a/two></iframe>");
  for (const std::string path : {"/a/one", "/a/two"})
    server.page(path, "<button id=b onclick=\"this.textContent='tapped'\">fresh</button>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  browser::Tap tap;
  tap.selector = "#b";
  for (const browser::FrameMatch& match : {frame("127.0.0.1", "/a"), frame("nowhere.example"), frame("127.0.0.1", "/a/o")}) {
    const Result<browser::Interacted> refused = browser.interact(tap, 2000, match);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::conflict);
  }
  CHECK(browser.text("#b", frame("127.0.0.1", "/a/two")) == "fresh");
  REQUIRE(browser.interact(tap, 2000, frame("127.0.0.1", "/a/two/")));
  CHECK(browser.text("#b", frame("127.0.0.1", "/a/two")) == "tapped");
  CHECK(browser.text("#b", frame("127.0.0.1", "/a/one")) == "fresh");
}

TEST_CASE("a wait is for its frame too; frames that left are forgotten", "[browser]") {
  PageServer server;
  server.page("/",
              "<div id=box></div><button id=add onclick=\"box.innerHTML='<iframe src=/f></iframe>'\">a</button>"
              "<button id=drop onclick=\"box.innerHTML=''\">d</button>");
  server.page("/f", "<script>setTimeout(() => document.body.innerHTML = '<b>late</b>', 100)</script><body>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  browser::SelectorPresent late;
  late.selector = "b";

  const Result<browser::Waited> without = browser.wait(late, 200, frame("127.0.0.1", "/f"));
  REQUIRE_FALSE(without);
  INFO(without.error().detail);
  CHECK(without.error().code == Errc::conflict);
  REQUIRE(browser.tap("#add"));
  const Result<browser::Waited> waited = browser.wait(late, 5000, frame("127.0.0.1", "/f"));
  REQUIRE(waited);
  CHECK(waited->satisfied);
  REQUIRE(browser.tap("#drop"));
  CHECK_FALSE(browser.wait(late, 200, frame("127.0.0.1", "/f")));
  browser.open(server.url("/f"));
  CHECK(browser.wait(late, 2000, frame("127.0.0.1", "/f"))->satisfied);
}

TEST_CASE("what covers a frame is named", "[browser]") {
  PageServer server;
  server.page("/", "<iframe id=fr src=/f></iframe><div id=veil style='position:fixed;inset:0;background:#fffa'></div>");
  server.page("/f", "<button id=b>b</button>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  browser::Tap tap;
  tap.selector = "#b";
  const Result<browser::Interacted> refused = browser.interact(tap, 400, frame("127.0.0.1", "/f"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::session_timeout);
  CHECK(refused.error().detail == "iframe#fr is covered by div#veil");
}

}  // namespace
}  // namespace driftstack::browser_test
