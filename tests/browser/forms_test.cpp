// Hover, select, clear, check, upload and drag: what the page holds afterwards, and that it came by real input.

#include <catch2/catch.hpp>

#include "allowing.hpp"

namespace driftstack::browser_test {
namespace {

/// Shows in #log every event of these kinds with the id of its target, and marks those that no person made.
constexpr const char* kRecorder = R"(<pre id=log></pre><script>
const notes = [];
for (const kind of ['click', 'change', 'input', 'mouseover', 'drop', 'dragstart', 'dragend'])
  addEventListener(kind, e => { notes.push(kind + ':' + e.target.id + (e.isTrusted ? '' : ' FAKE')); log.textContent = notes.join(' '); }, true);
</script>)";

std::string reason(const Result<browser::Interacted>& result, Errc code = Errc::session_timeout) {
  REQUIRE_FALSE(result);
  CHECK(result.error().code == code);
  return result.error().detail;
}

browser::Select choice(std::string selector, std::vector<std::string> values) {
  browser::Select action;
  action.selector = std::move(selector);
  action.values = std::move(values);
  return action;
}

browser::Check checking(std::string selector, bool checked = true) {
  browser::Check action;
  action.selector = std::move(selector);
  action.checked = checked;
  return action;
}

browser::Upload uploading(std::string selector, const std::vector<std::pair<std::string, std::string>>& files) {
  browser::Upload action;
  action.selector = std::move(selector);
  for (const auto& [name, content] : files) {
    browser::UploadFile& file = action.files.emplace_back();
    file.name = name;
    file.content_base64.data = content;
  }
  return action;
}

TEST_CASE("hover puts the pointer on the target, again when it is there already", "[browser]") {
  PageServer server;
  server.page("/",
              std::string("<style>#tip { display: none } #b:hover + #tip { display: block }</style><button id=b>b</button><p id=tip>tip</p>"
                          "<p id=n></p><script>let c = 0; b.onmousemove = () => n.textContent = ++c</script>") +
                  kRecorder);
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  browser::Hover action;
  action.selector = "#b";
  REQUIRE(browser.interact(action));
  browser::SelectorHidden hidden;
  hidden.selector = "#tip";
  CHECK_FALSE(browser.wait(hidden, 100)->satisfied);
  CHECK(browser.text("#log").find("mouseover:b") != std::string::npos);
  REQUIRE(browser.interact(action));
  CHECK(browser.text("#log").find("FAKE") == std::string::npos);
}

TEST_CASE("select chooses in a menu, past group labels, by trusted events", "[browser]") {
  PageServer server;
  server.page("/",
              std::string("<select id=s><option value=a>One</option><optgroup label=G><option value=b>Two</option><option value=c>Three "
                          "and  more</option></optgroup><option value=d disabled>Four</option></select>"
                          "<p id=n></p><script>s.onchange = () => n.textContent = s.value</script>") +
                  kRecorder);
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  REQUIRE(browser.interact(choice("#s", {"c"})));
  CHECK(browser.text("#n") == "c");
  REQUIRE(browser.interact(choice("#s", {"a"})));
  CHECK(browser.text("#n") == "a");
  CHECK(browser.text("#log").find("change:s") != std::string::npos);
  CHECK(browser.text("#log").find("FAKE") == std::string::npos);
  CHECK(reason(browser.interact(choice("#s", {"z"}), 200)) == "the select element has no usable option with the value 'z'");
  CHECK(reason(browser.interact(choice("#s", {"d"}), 200)) == "the select element has no usable option with the value 'd'");
  CHECK(reason(browser.interact(choice("#n", {"a"}), 200)) == "p#n is no select element");
  CHECK(reason(browser.interact(choice("#s", {"a", "b"}), 200), Errc::bad_request) == "the select element takes one value");
}

TEST_CASE("select chooses several options of a list, and only those", "[browser]") {
  PageServer server;
  std::string options;
  for (int i = 0; i < 40; ++i) options += "<option value=" + std::to_string(i) + ">Option " + std::to_string(i) + "</option>";
  server.page("/", "<select id=s multiple size=4>" + options +
                       "</select><p id=n></p><script>s.onchange = e => n.textContent = [...s.selectedOptions].map(o => o.value)"
                       "</script>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  REQUIRE(browser.interact(choice("#s", {"1", "3", "30"})));
  CHECK(browser.text("#n") == "1,3,30");
  REQUIRE(browser.interact(choice("#s", {"2"})));
  CHECK(browser.text("#n") == "2");
}

TEST_CASE("clear empties a field by a key, and refuses what is no field", "[browser]") {
  PageServer server;
  server.page("/",
              "<input id=i value=old oninput='n.textContent = `[${i.value}] ${event.isTrusted}`'><textarea id=t>a\nb</textarea>"
              "<div id=e contenteditable>rich <b>text</b></div><p id=n></p><input id=fixed readonly value=x><button id=b>b</button>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  browser::Clear action;
  action.selector = "#i";
  REQUIRE(browser.interact(action));
  CHECK(browser.text("#n") == "[] true");
  REQUIRE(browser.interact(action));
  REQUIRE(browser.type("#i", "new"));
  CHECK(browser.text("#n") == "[new] true");
  action.selector = "#t";
  CHECK(browser.interact(action));
  action.selector = "#e";
  REQUIRE(browser.interact(action));
  CHECK(browser.text("#e").empty());
  action.selector = "#fixed";
  CHECK(reason(browser.interact(action, 200)) == "input#fixed is read-only");
  action.selector = "#b";
  CHECK(reason(browser.interact(action, 200)) == "button#b is no text field");
}

TEST_CASE("check brings boxes, radios, switches and controls behind their label into the state", "[browser]") {
  PageServer server;
  server.page("/",
              std::string("<input type=checkbox id=c><input type=radio name=r id=r1 checked><input type=radio name=r id=r2>"
                          "<span id=w role=switch aria-checked=false tabindex=0 onclick=\"w.setAttribute('aria-checked', "
                          "w.getAttribute('aria-checked') !== 'true')\">wifi</span>"
                          "<label id=l for=h>hidden one</label><input type=checkbox id=h style='display:none'>"
                          "<input type=checkbox id=stubborn onclick='event.preventDefault()'><input type=checkbox id=off disabled>"
                          "<p id=n></p><script>onchange = () => n.textContent = [c.checked, r1.checked, r2.checked, h.checked]</script>") +
                  kRecorder);
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  REQUIRE(browser.interact(checking("#c")));
  CHECK(browser.text("#n") == "true,true,false,false");
  REQUIRE(browser.interact(checking("#c")));  // as it is already: no input
  CHECK(browser.text("#log") == "mouseover:c click:c input:c change:c");
  REQUIRE(browser.interact(checking("#r2")));
  CHECK(browser.text("#n") == "true,false,true,false");
  REQUIRE(browser.interact(checking("#h")));
  CHECK(browser.text("#n") == "true,false,true,true");
  REQUIRE(browser.interact(checking("#c", false)));
  CHECK(browser.text("#n") == "false,false,true,true");
  REQUIRE(browser.interact(checking("#w")));
  CHECK(browser.wait_for("#w[aria-checked=true]", 100)->satisfied);
  CHECK(browser.text("#log").find("FAKE") == std::string::npos);
  CHECK(reason(browser.interact(checking("#r2", false), 200), Errc::bad_request) == "a radio button is unchecked by checking another");
  CHECK(reason(browser.interact(checking("#stubborn"), 3000)) == "the control does not keep the state");
  CHECK(reason(browser.interact(checking("#off"), 200)) == "input#off is disabled");
  CHECK(reason(browser.interact(checking("#n"), 200)) == "p#n is neither a check box nor a radio button");
}

TEST_CASE("uploaded files reach the page and the server behind its form", "[browser]") {
  PageServer server;
  const std::string script =
      "<p id=n></p><script>onchange = async e => n.textContent = e.isTrusted + ' ' + (await Promise.all("
      "[...e.target.files].map(async f => f.name + '=' + await f.text()))).join(' ')</script>";
  server.page("/",
              "<form method=post enctype=multipart/form-data action=/send><input type=file id=many name=f multiple><button id=go>go"
              "</button></form><input type=file id=one><button id=open onclick='hid.click()'>open</button>"
              "<input type=file id=hid style='display:none'>" +
                  script);
  server.page("/send", [](const PageRequest& request) { return PageAnswer("<pre>" + request.body + "</pre>"); });
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  REQUIRE(browser.interact(uploading("#one", {{"a b.txt", "first"}})));
  CHECK(browser.wait_for("text=\"true a b.txt=first\"")->satisfied);
  REQUIRE(browser.interact(uploading("#open", {{"c.txt", "by button"}})));
  CHECK(browser.wait_for("text=\"true c.txt=by button\"")->satisfied);
  REQUIRE(browser.interact(uploading("#hid", {{"d.txt", "hidden"}})));
  CHECK(browser.wait_for("text=\"true d.txt=hidden\"")->satisfied);
  REQUIRE(browser.interact(uploading("#many", {{"same.txt", "1"}, {"same.txt", "2"}})));
  CHECK(browser.wait_for("text=\"true same.txt=1 same.txt=2\"")->satisfied);
  CHECK(reason(browser.interact(uploading("#one", {{"x", "1"}, {"y", "2"}})), Errc::bad_request) == "the file field takes one file");
  CHECK(reason(browser.interact(uploading("#absent", {{"x", "1"}}), 200)) == "no file field that can be used matches");
  REQUIRE(browser.tap("#go"));
  REQUIRE(browser.wait_for_url("/send$")->satisfied);
  const std::string sent = browser.text("pre");
  CHECK(sent.find("filename=\"same.txt\"") != std::string::npos);
  CHECK(sent.find("1") != std::string::npos);
}

TEST_CASE("a file chooser that nobody announced is cancelled, also after an upload that found none", "[browser]") {
  PageServer server;
  server.page(
      "/",
      "<button id=b>opens nothing</button><input type=file id=f oncancel=\"n.textContent='cancelled'\" onchange=\"n.textContent='taken'\">"
      "<p id=n></p>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  CHECK_FALSE(browser.interact(uploading("#b", {{"x", "1"}}), 600));
  REQUIRE(browser.tap("#f"));
  CHECK(browser.text("#n") != "taken");
}

TEST_CASE("names of uploads that are no plain file names are refused before anything is written", "[browser]") {
  PageServer server;
  server.page("/", "<input type=file id=f onchange=\"n.textContent='taken'\"><p id=n></p>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  for (const std::string name : {"../x", "/etc/x", "a/b", "..", ".", "a\\b", "a\nb"}) {
    INFO(name);
    CHECK_FALSE(browser.interact(uploading("#f", {{name, "1"}}), 500));
  }
  CHECK(browser.text("#n").empty());
  CHECK(browser.interact(uploading("#f", {{"...x", "1"}})));
}

TEST_CASE("a drag by mouse carries from one element to the other", "[browser]") {
  PageServer server;
  server.page("/", R"html(<style>div { width: 80px; height: 80px; position: absolute } #to { left: 400px; top: 1500px }</style>
    <div id=from>from</div><div id=to>to</div><p id=n style="position:fixed;bottom:0"></p><script>
    let held = false, moves = 0;
    from.onpointerdown = e => { held = e.isTrusted; };
    document.onpointermove = () => { if (held) ++moves; };
    document.onpointerup = e => { if (held) n.textContent = e.target.id + ' ' + (moves > 3); held = false; };</script>)html");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  browser::Drag action;
  action.selector = "#from";
  action.to_selector = "#to";
  REQUIRE(browser.interact(action));
  CHECK(browser.text("#n") == "to true");
  action.to_selector = "#absent";
  CHECK(reason(browser.interact(action, 300)) == "no element matches");
}

}  // namespace
}  // namespace driftstack::browser_test
