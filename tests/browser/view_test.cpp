// What people see of a session, and what they do in it.

#include <catch2/catch.hpp>
#include <cstdio>  // jpeglib.h needs it before itself

#include <jpeglib.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "allowing.hpp"
#include "driftstack/testing/conformance/browser_view.hpp"
#include "picture.hpp"

namespace driftstack::browser_test {
namespace {

using namespace std::chrono_literals;

Picture decode_jpeg(const std::string& jpeg) {
  jpeg_decompress_struct reader{};
  jpeg_error_mgr errors{};
  reader.err = jpeg_std_error(&errors);  // ends the test program for what is no JPEG
  jpeg_create_decompress(&reader);
  jpeg_mem_src(&reader, reinterpret_cast<const unsigned char*>(jpeg.data()), jpeg.size());
  REQUIRE(jpeg_read_header(&reader, TRUE) == JPEG_HEADER_OK);
  reader.out_color_space = JCS_EXT_RGBA;
  jpeg_start_decompress(&reader);
  Picture picture;
  picture.width = reader.output_width;
  picture.height = reader.output_height;
  picture.pixels.resize(std::size_t{picture.width} * picture.height * 4);
  while (reader.output_scanline < reader.output_height) {
    JSAMPROW row = picture.pixels.data() + std::size_t{reader.output_scanline} * picture.width * 4;
    jpeg_read_scanlines(&reader, &row, 1);
  }
  jpeg_finish_decompress(&reader);
  jpeg_destroy_decompress(&reader);
  return picture;
}

bool looks_like(const browser::Frame& frame, std::array<int, 3> colour, unsigned x = 400, unsigned y = 400) {
  const auto shown = decode_jpeg(frame.image.data).at(x, y);
  for (std::size_t i = 0; i < 3; ++i)
    if (std::abs(shown[i] - colour[i]) > 12) return false;  // JPEG changes colours a little
  return true;
}

/// The next pictures until one has the colour.
bool becomes(Browser& browser, std::int64_t& seen, std::array<int, 3> colour) {
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (std::chrono::steady_clock::now() < until) {
    const auto frame = browser.next_frame(seen, 1000);
    REQUIRE(frame);
    if (frame->sequence == 0) continue;
    seen = frame->sequence;
    if (looks_like(*frame, colour)) return true;
  }
  return false;
}

browser::TapAt tap_at(double x, double y) {
  browser::TapAt tap;
  tap.x = x;
  tap.y = y;
  return tap;
}

/// Whether the session process has a thread that encodes pictures.
bool encodes(pid_t process) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::ifstream file(task.path() / "comm");
    std::string name;
    std::getline(file, name);
    if (name == "frames") return true;
  }
  return false;
}

TEST_CASE("a picture shows what the page shows, a new one comes when it changes, and none while it does not", "[browser]") {
  PageServer server;
  server.page("/", "<body style='background:rgb(200,30,30)' onclick='document.body.style.background=\"rgb(30,30,200)\"'>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  std::int64_t seen = 0;
  CHECK(becomes(browser, seen, {200, 30, 30}));
  const auto whole = browser.next_frame(0);
  REQUIRE(whole);
  CHECK(whole->width == 1280);
  CHECK(whole->height == 800);
  const auto nothing = browser.next_frame(seen, 700);
  REQUIRE(nothing);
  CHECK(nothing->sequence == 0);
  REQUIRE(browser.tap("body"));
  CHECK(becomes(browser, seen, {30, 30, 200}));
}

TEST_CASE("a page that paints all the time is shown ten times a second at most", "[browser]") {
  PageServer server;
  server.page("/", R"html(<body><script>let n = 0; const paint = () => {
    document.body.style.background = 'rgb(' + (n++ % 200) + ',0,0)'; requestAnimationFrame(paint); }; paint();</script>)html");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  auto frame = browser.next_frame(0);
  REQUIRE(frame);
  const auto begun = std::chrono::steady_clock::now();
  constexpr int kFrames = 10;
  for (int i = 0; i < kFrames; ++i) {
    const std::int64_t before = frame->sequence;
    frame = browser.next_frame(before);
    REQUIRE(frame);
    REQUIRE(frame->sequence == before + 1);
  }
  // The first of them may have waited already.
  CHECK(std::chrono::steady_clock::now() - begun >= (kFrames - 1) * 1000ms / browser::kMostFramesPerSecond);
}

TEST_CASE("when nobody looks any more, what showed pictures ends in the session process", "[browser]") {
  PageServer server;
  server.page("/", "<h1>hello</h1>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  const pid_t process = browser.processes().front();
  CHECK_FALSE(encodes(process));
  REQUIRE(browser.next_frame(0));
  CHECK(encodes(process));
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (encodes(process) && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(20ms);
  CHECK_FALSE(encodes(process));
  const auto again = browser.next_frame(0);  // and begins anew
  REQUIRE(again);
  CHECK_FALSE(again->image.data.empty());
}

TEST_CASE("a person taps, types, presses, scrolls and drags at places of the picture", "[browser]") {
  PageServer server;
  server.page(
      "/",
      R"html(<body style="margin:0;height:5000px"><input id=i oninput="typed.textContent = value" style="position:absolute;left:100px;top:50px;width:200px;height:30px">
    <form onsubmit="out.textContent='sent ' + f.value; return false"><input id=f style="position:absolute;left:100px;top:100px"></form>
    <p id=out></p><p id=seen></p><p id=typed></p><p id=dragged></p><script>
    let down; document.addEventListener('mousedown', e => { down = e; if (e.isTrusted) seen.textContent = e.clientX + ',' + e.clientY; });
    document.addEventListener('mouseup', e => { dragged.textContent = (e.clientX - down.clientX) + ',' + (e.clientY - down.clientY); });
    </script>)html");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  REQUIRE(browser.send_input(tap_at(150, 65)));
  CHECK(browser.text("#seen") == "150,65");
  browser::TypeKeys keys;
  keys.text = "Grüße, 世界";
  REQUIRE(browser.send_input(keys));
  CHECK(browser.text("#typed") == "Grüße, 世界");
  REQUIRE(browser.send_input(tap_at(150, 110)));
  keys.text = "Ada";
  REQUIRE(browser.send_input(keys));
  browser::Press enter;
  enter.key = "Enter";
  REQUIRE(browser.send_input(enter));
  CHECK(browser.text("#out") == "sent Ada");

  browser::DragAt drag;
  drag.x = 300;
  drag.y = 300;
  drag.to_x = 420;
  drag.to_y = 350;
  REQUIRE(browser.send_input(drag));
  CHECK(browser.text("#dragged") == "120,50");

  browser::ScrollAt scroll;
  scroll.x = scroll.y = 400;
  scroll.delta_y = 600;
  REQUIRE(browser.send_input(scroll));
  REQUIRE(browser.send_input(tap_at(500, 500)));  // a document coordinate of the page is not what counts
  CHECK(browser.text("#seen") == "500,500");
}

TEST_CASE("input that no key makes is refused, and a tap where nothing is is no error", "[browser]") {
  PageServer server;
  server.page("/", "<h1>hello</h1>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  browser::Press press;
  press.key = "NoSuchKey";
  CHECK(browser.send_input(press).error().code == Errc::bad_request);
  browser::TypeKeys keys;
  keys.text = "bell\a";
  CHECK(browser.send_input(keys).error().code == Errc::bad_request);
  CHECK(browser.send_input(tap_at(1200, 700)));
  CHECK(browser.send_input(tap_at(9000, 9000)));
}

TEST_CASE("the real backend keeps the contract of browser.view/1", "[browser]") {
  testing::conformance::browser_view([] {
    auto subject = testing::conformance::from_plugin<browser::Backend>(DRIFTSTACK_PLUGIN_PACKAGE, {{"warm_sessions", 0}});
    auto* view = std::static_pointer_cast<testing::PluginFixture>(subject.keep)->provide<browser::View>();
    REQUIRE(view != nullptr);
    return testing::conformance::BrowserViewSubject(std::move(subject), *view);
  });
}

}  // namespace
}  // namespace driftstack::browser_test
