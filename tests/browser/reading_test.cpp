#include <catch2/catch.hpp>

#include <array>
#include <map>

#include "allowing.hpp"
#include "picture.hpp"

namespace driftstack::browser_test {
namespace {

constexpr std::array<int, 3> kRed = {255, 0, 0}, kBlue = {0, 0, 255}, kWhite = {255, 255, 255};

browser::Extraction extraction(std::string name, std::string selector, browser::ExtractType type) {
  browser::Extraction result;
  result.name = std::move(name);
  result.selector = std::move(selector);
  result.type = type;
  return result;
}

TEST_CASE("a screenshot shows the viewport, a full page all of the document, both in device pixels", "[browser]") {
  PageServer server;
  server.page("/",
              "<body style='margin:0;height:2000px;position:relative'><div style='width:100px;height:50px;background:#f00'></div>"
              "<div style='position:absolute;bottom:0;width:100px;height:50px;background:#00f'></div>");
  BrowserOptions options = allowing(server);
  const auto [archetype, scale, width, height] = GENERATE(
      table<std::string, unsigned, unsigned, unsigned>({{"webkit_desktop_1280", 1, 1280, 800}, {"webkit_phone_393", 3, 393, 852}}));
  options.archetype = archetype;
  Browser browser(options);
  browser.open(server.url("/"));

  const Result<browser::Captured> viewport = browser.capture(browser::CaptureKind::screenshot);
  REQUIRE(viewport);
  const Picture shown = decode(viewport->bytes.data);
  CHECK(shown.width == width * scale);
  CHECK(shown.height == height * scale);
  CHECK(shown.at(10 * scale, 10 * scale) == kRed);
  CHECK(shown.at(150 * scale, 10 * scale) == kWhite);
  CHECK(shown.at(10 * scale, (height - 10) * scale) == kWhite);

  const Result<browser::Captured> full = browser.capture(browser::CaptureKind::screenshot, true);
  REQUIRE(full);
  const Picture all = decode(full->bytes.data);
  CHECK(all.width == width * scale);
  CHECK(all.height == 2000 * scale);
  CHECK(all.at(10 * scale, 10 * scale) == kRed);
  CHECK(all.at(10 * scale, 1990 * scale) == kBlue);
}

TEST_CASE("a page too tall for one picture is refused by size, and the session goes on", "[browser]") {
  PageServer server;
  server.page("/", "<body style='height:40000px'>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  const Result<browser::Captured> refused = browser.capture(browser::CaptureKind::screenshot, true);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::payload_too_large);
  CHECK(browser.capture(browser::CaptureKind::screenshot));
}

TEST_CASE("a PDF and the page's HTML are captured", "[browser]") {
  PageServer server;
  server.page("/", "<!doctype html><html><body><h1>Über</h1></body></html>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  const Result<browser::Captured> pdf = browser.capture(browser::CaptureKind::pdf);
  REQUIRE(pdf);
  CHECK(pdf->bytes.data.starts_with("%PDF-"));
  CHECK(pdf->bytes.data.find("%%EOF") != std::string::npos);
  const Result<browser::Captured> html = browser.capture(browser::CaptureKind::dom_snapshot);
  REQUIRE(html);
  CHECK(html->bytes.data == "<!DOCTYPE html>\n<html><head></head><body><h1>Über</h1></body></html>");
}

TEST_CASE("texts, attributes, lists, rows and numbers are extracted", "[browser]") {
  PageServer server;
  server.page("/",
              "<b class=price> $1,299.50 </b><i class=de>1.299,50 €</i><u class=no>none</u><a id=a href=/x>text</a>"
              "<ul><li><a href=/1>one</a></li><li><a href=/2>two</a></li></ul>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  using browser::ExtractType;

  std::vector<browser::Extraction> all;
  all.push_back(extraction("text", ".price", ExtractType::text));
  for (const std::string selector : {".price", ".de", ".no"}) {
    all.push_back(extraction("n" + selector, selector, ExtractType::text));
    all.back().transform = browser::Transform::number;
  }
  all.push_back(extraction("href", "#a", ExtractType::attribute));
  all.back().attribute = "href";
  all.push_back(extraction("title", "#a", ExtractType::attribute));
  all.back().attribute = "title";
  all.push_back(extraction("absent", "#absent", ExtractType::text));
  all.push_back(extraction("empty", "#absent", ExtractType::list));
  all.push_back(extraction("list", "li", ExtractType::list));
  all.push_back(extraction("rows", "li", ExtractType::list));
  browser::ExtractField field;
  field.type = browser::FieldType::attribute;
  field.attribute = "href";
  field.selector = "a";
  all.back().extract.emplace()["to"] = field;
  all.push_back(extraction("twice", "#a", ExtractType::text));
  all.push_back(extraction("twice", "li", ExtractType::text));
  all.push_back(extraction("__proto__", "#a", ExtractType::text));

  const Result<browser::Extracted> extracted = browser.extract(std::move(all));
  REQUIRE(extracted);
  CHECK(extracted->value.text() ==
        R"({"text":"$1,299.50","n.price":1299.5,"n.de":1299.5,"n.no":null,"href":"/x","title":null,"absent":null,"empty":[],)"
        R"("list":["one","two"],"rows":[{"to":"/1"},{"to":"/2"}],"twice":"one","__proto__":"text"})");
}

TEST_CASE("a page cannot falsify what is read by overriding its own functions", "[browser]") {
  PageServer server;
  server.page("/",
              "<p>true</p><script>document.querySelectorAll = () => { throw 1 }; Array.prototype.map = () => ['false'];"
              "JSON.stringify = () => 'false'; Object.defineProperty(Node.prototype, 'textContent', {get() { return 'false' }})</script>");
  Browser browser(allowing(server));

  browser.open(server.url("/"));
  CHECK(browser.text("p") == "true");
}

TEST_CASE("the state holds address, title, cookies with their attributes and the origin's storage", "[browser]") {
  PageServer server;
  server.page("/", [](const PageRequest&) {
    PageAnswer answer("<title>Name</title><script>localStorage.key = 'välue'; localStorage.odd = '\\ud800\\0'</script>");
    answer.headers.push_back("Set-Cookie: a=1; HttpOnly; SameSite=Strict; Path=/");
    answer.headers.push_back("Set-Cookie: b=2; Max-Age=3600; SameSite=Lax; Path=/deep");
    return answer;
  });
  Browser browser(allowing(server));

  const Result<browser::State> fresh = browser.state();
  REQUIRE(fresh);
  CHECK_FALSE(fresh->url.has_value());
  CHECK_FALSE(fresh->page_state.has_value());
  CHECK(fresh->cookies.empty());

  browser.open(server.url("/"));
  const Result<browser::State> state = browser.state();
  REQUIRE(state);
  CHECK(state->url == server.url("/"));
  CHECK(state->title == "Name");
  CHECK(state->page_state->state == browser::PageLoad::loaded);
  CHECK(state->local_storage == std::map<std::string, std::string>{{"key", "välue"}, {"odd", "\xef\xbf\xbd\xef\xbf\xbd"}});
  REQUIRE(state->cookies.size() == 2);
  const bool a_first = state->cookies[0].name == "a";
  const browser::Cookie& a = state->cookies[a_first ? 0 : 1];
  const browser::Cookie& b = state->cookies[a_first ? 1 : 0];
  CHECK(a.value == "1");
  CHECK(a.http_only);
  CHECK(a.same_site == "strict");
  CHECK_FALSE(a.expires.has_value());
  CHECK(a.domain == "127.0.0.1");
  CHECK(b.path == "/deep");
  CHECK_FALSE(b.http_only);
  CHECK(b.expires.has_value());
}

}  // namespace
}  // namespace driftstack::browser_test
