// Pictures with options, and the page as text, Markdown, links and accessibility outline.
#include <cmath>

#include <catch2/catch.hpp>

#include "allowing.hpp"
#include "picture.hpp"

namespace driftstack::browser_test {
namespace {

using browser::CaptureKind;

constexpr std::array<int, 3> kRed = {255, 0, 0}, kBlue = {0, 0, 255}, kWhite = {255, 255, 255};

browser::Capture picture_of(std::string selector, std::optional<double> factor = std::nullopt) {
  browser::Capture message;
  message.selector = std::move(selector);
  message.device_scale_factor = factor;
  return message;
}

Picture take(Browser& browser, browser::Capture message) {
  const Result<browser::Captured> captured = browser.capture(std::move(message));
  INFO((captured ? std::string() : captured.error().detail));
  REQUIRE(captured);
  return decode(captured->bytes.data);
}

std::string text_of(Browser& browser, CaptureKind kind) {
  const Result<browser::Captured> captured = browser.capture(kind);
  INFO((captured ? std::string() : captured.error().detail));
  REQUIRE(captured);
  return captured->bytes.data;
}

bool is_all(const Picture& picture, std::array<int, 3> colour) {
  for (unsigned y = 0; y < picture.height; ++y) {
    for (unsigned x = 0; x < picture.width; ++x) {
      if (picture.at(x, y) != colour) return false;
    }
  }
  return true;
}

constexpr const char* kBoxes =
    "<!doctype html><body style='margin:0;height:3000px;position:relative'>"
    "<div id=red style='position:absolute;left:30px;top:40px;width:101px;height:51px;background:#f00'></div>"
    "<div id=deep style='position:absolute;left:7px;top:2500px;width:20px;height:10px;background:#00f'></div>"
    "<div id=tall style='position:absolute;left:400px;top:100px;width:50px;height:1700px;background:#00f'></div>"
    "<p id=hidden hidden>x</p><p id=dpr style='margin:0'></p><script>dpr.textContent = devicePixelRatio</script>";

TEST_CASE("a picture of an element is its box in device pixels, at every scale, wherever it is", "[browser]") {
  PageServer server;
  server.page("/", kBoxes);
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  for (const double factor : {1.0, 1.5, 2.0, 3.0}) {
    INFO(factor);
    const Picture red = take(browser, picture_of("#red", factor));
    CHECK(red.width == static_cast<unsigned>(std::ceil(131 * factor) - std::floor(30 * factor)));
    CHECK(red.height == static_cast<unsigned>(std::ceil(91 * factor) - std::floor(40 * factor)));
    if (factor != 1.5) CHECK(is_all(red, kRed));
    CHECK(red.at(red.width / 2, red.height / 2) == kRed);
  }
  const Picture deep = take(browser, picture_of("#deep", 2));
  CHECK(deep.width == 40);
  CHECK(deep.height == 20);
  CHECK(is_all(deep, kBlue));
  const Picture tall = take(browser, picture_of("#tall"));
  CHECK(tall.width == 50);
  CHECK(tall.height == 1700);
  CHECK(is_all(tall, kBlue));
}

TEST_CASE("a picture at another scale has that many pixels, and the page's own scale is afterwards as before", "[browser]") {
  PageServer server;
  server.page("/", kBoxes);
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  browser::Capture viewport;
  viewport.device_scale_factor = 2;
  const Picture sharp = take(browser, viewport);
  CHECK(sharp.width == 2560);
  CHECK(sharp.height == 1600);
  CHECK(sharp.at(60, 80) == kRed);
  CHECK(sharp.at(59, 80) == kWhite);
  viewport.full_page = true;
  viewport.device_scale_factor = 1.5;
  const Picture all = take(browser, viewport);
  CHECK(all.width == 1920);
  CHECK(all.height == 4500);
  const Picture plain = take(browser, browser::Capture());
  CHECK(plain.width == 1280);
  browser.open(server.url("/"));
  CHECK(browser.text("#dpr") == "1");
}

TEST_CASE("an element that is absent or hidden is a conflict, a selector that does not parse a bad request", "[browser]") {
  PageServer server;
  server.page("/", kBoxes);
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  CHECK(browser.capture(picture_of("#none")).error().code == Errc::conflict);
  CHECK(browser.capture(picture_of("#hidden")).error().detail == "p#hidden is not visible");
  CHECK(browser.capture(picture_of("##")).error().code == Errc::bad_request);
  browser::Capture huge;
  huge.full_page = true;
  huge.device_scale_factor = 3;
  const Result<browser::Captured> refused = browser.capture(huge);
  REQUIRE_FALSE(refused);  // 3840 by 9000 pixels
  CHECK(refused.error().code == Errc::payload_too_large);
  CHECK(refused.error().members == "\"limit_bytes\":134217728,\"size_bytes\":138240000");
  CHECK(browser.capture(browser::Capture()));
}

TEST_CASE("a JPEG is one, and smaller at a lower quality", "[browser]") {
  PageServer server;
  server.page("/", "<body style='background:linear-gradient(45deg,red,blue)'><h1>Text</h1>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  browser::Capture message;
  message.format = browser::ImageFormat::jpeg;
  const Result<browser::Captured> fine = browser.capture(message);
  message.quality = 10;
  const Result<browser::Captured> coarse = browser.capture(message);
  REQUIRE(fine);
  REQUIRE(coarse);
  CHECK(fine->bytes.data.starts_with("\xff\xd8\xff"));
  CHECK(coarse->bytes.data.size() < fine->bytes.data.size());
}

constexpr const char* kArticle = R"html(<!doctype html><html lang=en><head><title>Doc</title><style>.gone{display:none}</style></head><body>
<h1>Main <em>title</em></h1>
<p>First   <b>bold</b> and <a href="/rel?a=(1)">a link</a>, <code>x = `y`</code>.<br>Second *line*</p>
<p class=gone>never</p><p style="visibility:hidden">unseen</p><script>1</script>
<ul><li>one</li><li>two<ol start=3><li>three</li><li>four</li></ol></li></ul>
<blockquote><p>quoted</p><p>more</p></blockquote>
<pre><code class="language-js">if (a) {
  b();
}</code></pre>
<table><tr><th>Name</th><th>Price</th></tr><tr><td>Tea | leaf</td><td>3</td></tr></table>
<img src="pic.png" alt="A picture"><hr>
<details><summary>More</summary><p>closed</p></details>
<div id=host></div><iframe srcdoc="<p>framed</p>"></iframe>
<script>host.attachShadow({mode: 'open'}).innerHTML = '<h2>Shadow</h2><slot></slot>'; host.append('slotted');</script>
</body></html>)html";

TEST_CASE("a page as Markdown: what is shown, links absolute, the same every time", "[browser]") {
  PageServer server;
  server.page("/", kArticle);
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  const std::string expected = R"md(# Main *title*

First **bold** and [a link]()md" +
                               server.url("/rel?a=%281%29") +
                               R"md(), `` x = `y` ``.\
Second \*line\*

- one
- two
  3. three
  4. four

> quoted
>
> more

```js
if (a) {
  b();
}
```

| Name | Price |
| --- | --- |
| Tea \| leaf | 3 |

![A picture]()md" + server.url("/pic.png") +
                               R"md()

---

More

## Shadow

slotted

framed
)md";
  CHECK(text_of(browser, CaptureKind::markdown) == expected);
  CHECK(text_of(browser, CaptureKind::markdown) == expected);
}

TEST_CASE("a page as text has no marks, its links a list", "[browser]") {
  PageServer server;
  server.page("/", kArticle);
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  const std::string text = text_of(browser, CaptureKind::text);
  CHECK(text.starts_with(
      "Main title\n\nFirst bold and a link, x = `y`.\nSecond *line*\n\none\ntwo\nthree\nfour\n\nquoted\n\nmore\n\nif (a) {"));
  CHECK(text.find("Name\tPrice\nTea | leaf\t3") != std::string::npos);
  for (const char* hidden : {"never", "unseen", "closed"}) CHECK(text.find(hidden) == std::string::npos);
  CHECK(text_of(browser, CaptureKind::links) == R"([{"url":")" + server.url("/rel?a=(1)") + R"(","text":"a link"}])");
}

TEST_CASE("the accessibility outline tells roles, names and states, and its refs are targets", "[browser]") {
  PageServer server;
  server.page("/",
              "<!doctype html><title>Form</title><body style='margin:0'><h1>Order</h1><label for=n>Your name</label>"
              "<input id=n value=Ada required><input type=password aria-label=Secret value=hidden-word>"
              "<label><input type=checkbox checked> Gift</label><div aria-hidden=true>no</div><div><span>plain</span></div>"
              "<button disabled title=Later>Send</button><a href=/x><img alt='Home page' src=x.png></a>"
              "<button id=go onclick='document.title = 1'>Go</button>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  const std::string outline = text_of(browser, CaptureKind::accessibility);
  INFO(outline);
  CHECK(outline.starts_with(
      R"({"role":"document","name":"Form","children":[{"ref":"e1","role":"heading","name":"Order","state":{"level":1},"box":)"));
  CHECK(outline.find(R"("role":"textbox","name":"Your name","state":{"required":true,"value":"Ada"})") != std::string::npos);
  CHECK(outline.find(R"("role":"textbox","name":"Secret")") != std::string::npos);
  CHECK(outline.find("hidden-word") == std::string::npos);
  CHECK(outline.find(R"("role":"checkbox","name":"Gift","state":{"checked":true})") != std::string::npos);
  CHECK(outline.find(R"("role":"button","name":"Send","state":{"disabled":true})") != std::string::npos);
  CHECK(outline.find(R"("role":"link","name":"Home page")") != std::string::npos);
  CHECK(outline.find(R"({"role":"text","name":"plain"})") != std::string::npos);
  CHECK(outline.find(R"("no")") == std::string::npos);
  CHECK(text_of(browser, CaptureKind::accessibility) == outline);

  const std::size_t go = outline.find(R"("role":"button","name":"Go")");
  REQUIRE(go != std::string::npos);
  const std::size_t ref = outline.rfind(R"("ref":")", go) + 7;
  REQUIRE(browser.tap("ref=" + outline.substr(ref, outline.find('"', ref) - ref)));
  CHECK(browser.state()->title == "1");
}

TEST_CASE("a document is read in the one frame that fits, else nowhere", "[browser]") {
  PageServer top, other;
  top.page("/", "<h1>top</h1><iframe src='" + other.url("/inner") + "'></iframe><iframe src='" + other.url("/inner/two") + "'></iframe>");
  other.page("/inner", "<h2 id=inner>inside</h2>");
  other.page("/inner/two", "<h2>second</h2>");
  Browser browser(allowing(top, other));
  browser.open(top.url("/"));
  const auto read = [&browser](CaptureKind kind, std::string path) {
    browser::FrameMatch match;
    match.host = "127.0.0.1";
    match.path_prefix = std::move(path);
    browser::Capture message;
    message.kind = kind;
    message.frame_match = std::move(match);
    return browser.capture(std::move(message));
  };
  const Result<browser::Captured> snapshot = read(CaptureKind::dom_snapshot, "/inner/two");
  INFO((snapshot ? std::string() : snapshot.error().detail));
  REQUIRE(snapshot);
  CHECK(snapshot->bytes.data == "<html><head></head><body><h2>second</h2></body></html>");
  CHECK(read(CaptureKind::markdown, "/inner/two")->bytes.data == "## second\n");
  CHECK(read(CaptureKind::dom_snapshot, "/inner").error().code == Errc::conflict);
  CHECK(read(CaptureKind::dom_snapshot, "/none").error().code == Errc::conflict);
  CHECK(text_of(browser, CaptureKind::dom_snapshot).find("<h1>top</h1>") != std::string::npos);
}

TEST_CASE("pages cannot falsify or hang a reading", "[browser]") {
  PageServer server;
  server.page("/",
              "<p>true</p><div id=deep></div><script>Node.prototype.appendChild.call(document.body, document.createElement('i'));"
              "Array.prototype.map = Array.prototype.join = String.prototype.replace = window.getComputedStyle = () => 'false';"
              "let at = deep; for (let i = 0; i < 5000; ++i) at = at.appendChild(document.createElement('div')); at.textContent = 'far';"
              "for (let i = 0; i < 20000; ++i) deep.append(document.createElement('b'));</script>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  CHECK(text_of(browser, CaptureKind::markdown) == "true\n");
  CHECK(text_of(browser, CaptureKind::accessibility).find("true") != std::string::npos);
}

}  // namespace
}  // namespace driftstack::browser_test
