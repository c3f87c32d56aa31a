// Ways to name an element: CSS, text=, role=, ref=; through open shadow roots.

#include <catch2/catch.hpp>

#include "allowing.hpp"

namespace driftstack::browser_test {
namespace {

constexpr const char* kPage = R"html(<style>.gone { display: none }</style>
  <p id=intro>Save  the
    whales</p><p id=nested>all <b id=inner>bold words</b> here</p><script>"only in a script"</script>
  <button id=save>Save</button> <button id=all>Save all</button> <button class=gone>Delete</button> <button id=icon aria-label="Close window">x</button>
  <label for=mail>Your mail</label><input id=mail> <input type=submit id=send value="Send now"> <a id=link href=#x>Read more</a><a id=anchor>Read more</a>
  <h2 id=head>Chapter "one"</h2><div id=tab role=tab aria-labelledby=head></div><img id=pic alt="A whale">
  <div id=host></div><script>host.attachShadow({mode: 'open'}).innerHTML = '<button id=deep>Deep inside</button>'</script>)html";

/// The id of the first match, empty when there is none.
std::string id_of(Browser& browser, const std::string& selector) {
  browser::Extraction extraction;
  extraction.name = "id";
  extraction.selector = selector;
  extraction.type = browser::ExtractType::attribute;
  extraction.attribute = "id";
  std::vector<browser::Extraction> extractions;
  extractions.push_back(std::move(extraction));
  const Result<browser::Extracted> extracted = browser.extract(std::move(extractions));
  INFO(selector);
  REQUIRE(extracted);
  return extracted->value.view().find("id")->as_text().value_or("");
}

TEST_CASE("text= finds the innermost element with that text, text=\"\" the one with exactly that text", "[browser]") {
  PageServer server;
  server.page("/", kPage);
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  CHECK(id_of(browser, "text=save THE whales") == "intro");
  CHECK(id_of(browser, "text=bold") == "inner");
  CHECK(id_of(browser, "text=all bold words here") == "nested");
  CHECK(id_of(browser, "text=\"Save\"") == "save");
  CHECK(id_of(browser, "text='save'").empty());
  CHECK(id_of(browser, "text=send now") == "send");
  CHECK(id_of(browser, "text=only in a script").empty());
  CHECK(id_of(browser, "text=deep inside") == "deep");
}

TEST_CASE("role= finds exposed elements by role and accessible name", "[browser]") {
  PageServer server;
  server.page("/", kPage);
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  CHECK(id_of(browser, "role=button") == "save");
  CHECK(id_of(browser, "role=button[name=save all]") == "all");
  CHECK(id_of(browser, "role=button[name=\"Save all\"]") == "all");
  CHECK(id_of(browser, "role=button[name='save all']").empty());
  CHECK(id_of(browser, "role=button[name=close]") == "icon");
  CHECK(id_of(browser, "role=button[name=Delete]").empty());
  CHECK(id_of(browser, "role=button[name=\"Send now\"]") == "send");
  CHECK(id_of(browser, "role=textbox[name=\"Your mail\"]") == "mail");
  CHECK(id_of(browser, "role=link[name=more]") == "link");
  CHECK(id_of(browser, R"(role=heading[name="Chapter \"one\""])") == "head");
  CHECK(id_of(browser, "role=tab[name=chapter]") == "tab");
  CHECK(id_of(browser, "role=img[name=whale]") == "pic");
  CHECK(id_of(browser, "role=button[name=deep]") == "deep");
}

TEST_CASE("a tap, a wait and typing take every form of selector", "[browser]") {
  PageServer server;
  server.page("/", std::string(kPage) +
                       "<p id=n></p><script>save.onclick = () => n.textContent = 'saved';"
                       "mail.oninput = () => n.textContent = mail.value</script>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  REQUIRE(browser.tap("role=button[name=\"Save\"]"));
  CHECK(browser.wait_for("text=\"saved\"")->satisfied);
  REQUIRE(browser.type("text=your mail", "a@b"));
  CHECK(browser.text("#n") == "a@b");
}

TEST_CASE("CSS matches of the document and of open shadow roots come together", "[browser]") {
  PageServer server;
  server.page("/", kPage);
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  CHECK(id_of(browser, "#deep") == "deep");
  CHECK(id_of(browser, "button:last-child") == "deep");
}

TEST_CASE("a selector of a special form that does not parse is the caller's mistake", "[browser]") {
  PageServer server;
  server.page("/", kPage);
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  for (const std::string selector :
       {"text=", "text=\" \"", "role=", "role=button[", "role=button[label=x]", "ref=12", "ref=e", "ref=e1 e2"}) {
    INFO(selector);
    const Result<browser::Interacted> refused = browser.tap(selector);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::bad_request);
  }
  const Result<browser::Interacted> unknown = browser.tap("ref=e999", 200);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::session_timeout);
}

}  // namespace
}  // namespace driftstack::browser_test
