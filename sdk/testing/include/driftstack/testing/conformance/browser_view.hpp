#pragma once
// Conformance suite of browser.view/1. Loads no page: a fresh session shows an empty one.

#include <catch2/catch.hpp>
#include <future>
#include <string>
#include <utility>

#include "driftstack/roles/browser_view.hpp"
#include "driftstack/testing/conformance/browser_backend.hpp"
#include "driftstack/testing/conformance/subject.hpp"

namespace driftstack::testing::conformance {

/// A backend, and the view that it provides.
struct BrowserViewSubject {
  BrowserViewSubject(Subject<browser::Backend> backend, browser::View& view) : backend(std::move(backend)), view(view) {}
  Subject<browser::Backend> backend;
  browser::View& view;
};

namespace detail {

inline Result<browser::Frame> next_frame(Browsers& browsers, browser::View& view, std::string id, std::int64_t after,
                                         std::int64_t timeout_ms) {
  browser::NextFrame message;
  message.session_id = std::move(id);
  message.after = after;
  message.timeout_ms = timeout_ms;
  return run(browsers.host(), view.next_frame(browsers.call(), std::move(message)));
}

inline Result<browser::Interacted> send_input(Browsers& browsers, browser::View& view, std::string id, browser::Input input) {
  browser::SendInput message;
  message.session_id = std::move(id);
  message.input = std::move(input);
  return run(browsers.host(), view.send_input(browsers.call(), std::move(message)));
}

}  // namespace detail

inline void browser_view(const std::function<BrowserViewSubject()>& make) {
  BrowserViewSubject subject = make();
  browser::View& view = subject.view;
  detail::Browsers browsers(std::move(subject.backend));
  constexpr std::int64_t kLong = 20'000, kShort = 300;

  SECTION("a first picture comes at once, the same one for whoever has none yet, and no other while nothing changes") {
    REQUIRE(browsers.start("ses_1"));
    const auto first = detail::next_frame(browsers, view, "ses_1", 0, kLong);
    REQUIRE(first);
    CHECK(first->sequence > 0);
    CHECK(first->width > 0);
    CHECK(first->height > 0);
    CHECK_FALSE(first->image.data.empty());
    const auto again = detail::next_frame(browsers, view, "ses_1", 0, kLong);
    REQUIRE(again);
    CHECK(again->sequence == first->sequence);
    const auto none = detail::next_frame(browsers, view, "ses_1", first->sequence, kShort);
    REQUIRE(none);
    CHECK(none->sequence == 0);
    CHECK(none->image.data.empty());
  }
  SECTION("looking does not stand in the way of commands") {
    REQUIRE(browsers.start("ses_1"));
    const auto first = detail::next_frame(browsers, view, "ses_1", 0, kLong);
    REQUIRE(first);
    auto looking = std::async(std::launch::async, [&] { return detail::next_frame(browsers, view, "ses_1", first->sequence, 2000); });
    CHECK(browsers.state("ses_1"));
    CHECK(looking.get());
  }
  SECTION("a session without a browser shows nothing and takes nothing") {
    CHECK(detail::next_frame(browsers, view, "ses_1", 0, kShort).error().code == Errc::driver_error);
    CHECK(detail::send_input(browsers, view, "ses_1", browser::TapAt()).error().code == Errc::driver_error);
  }
  SECTION("a stop ends whoever looks") {
    REQUIRE(browsers.start("ses_1"));
    const auto first = detail::next_frame(browsers, view, "ses_1", 0, kLong);
    REQUIRE(first);
    auto looking = std::async(std::launch::async, [&] { return detail::next_frame(browsers, view, "ses_1", first->sequence, kLong); });
    REQUIRE(browsers.stop("ses_1"));
    const auto ended = looking.get();  // driver_error when it asked after the end
    REQUIRE_FALSE(ended);
    CHECK((ended.error().code == Errc::cancelled || ended.error().code == Errc::driver_error));
  }
  SECTION("input of each kind is taken by a page that does nothing with it") {
    REQUIRE(browsers.start("ses_1"));
    browser::DragAt drag;
    drag.to_x = drag.to_y = 20;
    browser::ScrollAt scroll;
    scroll.delta_y = 10;
    browser::TypeKeys keys;
    keys.text = "a";
    browser::Press press;
    press.key = "Escape";
    for (const browser::Input& input :
         {browser::Input(browser::TapAt()), browser::Input(browser::HoverAt()), browser::Input(drag), browser::Input(scroll),
          browser::Input(keys), browser::Input(press), browser::Input(browser::AnswerDialog())}) {
      const auto taken = detail::send_input(browsers, view, "ses_1", input);
      INFO((taken ? std::string() : taken.error().detail));
      CHECK(taken);
    }
  }
}

}  // namespace driftstack::testing::conformance
