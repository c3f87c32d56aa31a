#pragma once
// Conformance suite of browser.backend/1, in two parts: `browser_lifecycle` needs no page, `browser_pages` needs one that the caller
// serves.

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/support/pattern.hpp"
#include "driftstack/support/state_archive.hpp"
#include "driftstack/testing/conformance/subject.hpp"

namespace driftstack::testing::conformance {

/// What `browser_pages` expects at its address, as `text/html; charset=utf-8`.
inline constexpr std::string_view kConformancePage = R"html(<!DOCTYPE html>
<html lang="en"><head><title>Conformance page</title></head>
<body>
<h1>Conformance</h1>
<input id="name"><button id="go" onclick="document.getElementById('out').textContent = document.getElementById('name').value">Go</button>
<p id="out"></p>
<p class="price">EUR 12.50</p>
<ul><li><a href="/one">One</a></li><li><a href="/two">Two</a></li></ul>
<p id="hidden" style="display:none">hidden</p>
<div style="height:4000px">tall</div>
</body></html>
)html";

namespace detail {

/// A backend with one call at a time; shortens the sections below.
class Browsers {
 public:
  explicit Browsers(Subject<browser::Backend> subject) : subject_(std::move(subject)), call_(subject_.host.call(std::chrono::minutes(5))) {}

  FakeHost& host() { return subject_.host; }
  browser::Backend& backend() { return subject_.role; }

  std::string default_archetype() {
    for (const auto& archetype : backend().archetypes())
      if (archetype.is_default) return archetype.id;
    return {};
  }
  Result<> start(std::string id, std::string archetype) {
    browser::Start message;
    message.session_id = std::move(id);
    message.archetype = std::move(archetype);
    return run(host(), backend().start(*call_, std::move(message)));
  }
  Result<> start(std::string id) { return start(std::move(id), default_archetype()); }
  /// A session that keeps its state, with what an earlier one left.
  Result<> start_keeping(std::string id, MemoryFile state = MemoryFile()) {
    browser::Start message;
    message.session_id = std::move(id);
    message.archetype = default_archetype();
    message.keeps_state = true;
    message.state = std::move(state);
    return run(host(), backend().start(*call_, std::move(message)));
  }
  Result<browser::SavedState> save_state(std::string id) {
    browser::SaveState message;
    message.session_id = std::move(id);
    return run(host(), backend().save_state(*call_, std::move(message)));
  }
  Result<browser::Stopped> stop(std::string id) {
    browser::Stop message;
    message.session_id = std::move(id);
    return run(host(), backend().stop(*call_, std::move(message)));
  }
  Result<browser::Navigated> navigate(std::string id, std::string url) {
    browser::Navigate message;
    message.session_id = std::move(id);
    message.url = std::move(url);
    return run(host(), backend().navigate(*call_, std::move(message)));
  }
  Result<browser::Interacted> interact(std::string id, browser::Action action, std::int64_t timeout_ms = 10'000) {
    browser::Interact message;
    message.session_id = std::move(id);
    message.action = std::move(action);
    message.timeout_ms = timeout_ms;
    return run(host(), backend().interact(*call_, std::move(message)));
  }
  browser::Wait wait_message(std::string id, browser::Condition condition, std::int64_t timeout_ms) {
    browser::Wait message;
    message.session_id = std::move(id);
    message.condition = std::move(condition);
    message.timeout_ms = timeout_ms;
    return message;
  }
  Result<browser::Waited> wait(std::string id, browser::Condition condition, std::int64_t timeout_ms = 10'000) {
    return run(host(), backend().wait(*call_, wait_message(std::move(id), std::move(condition), timeout_ms)));
  }
  Result<browser::State> state(std::string id) {
    browser::GetState message;
    message.session_id = std::move(id);
    return run(host(), backend().state(*call_, std::move(message)));
  }
  Result<browser::Captured> capture(std::string id, browser::CaptureKind kind, bool full_page = false) {
    browser::Capture message;
    message.session_id = std::move(id);
    message.kind = kind;
    message.full_page = full_page;
    return run(host(), backend().capture(*call_, std::move(message)));
  }
  Result<browser::Extracted> extract(std::string id, std::vector<browser::Extraction> extractions) {
    browser::Extract message;
    message.session_id = std::move(id);
    message.extractions = std::move(extractions);
    return run(host(), backend().extract(*call_, std::move(message)));
  }
  const Call& call() { return *call_; }

 private:
  Subject<browser::Backend> subject_;
  std::unique_ptr<Call> call_;
};

inline browser::Tap tap_on(std::string selector) {
  browser::Tap tap;
  tap.selector = std::move(selector);
  return tap;
}
inline browser::TypeText type_into(std::string selector, std::string text) {
  browser::TypeText type;
  type.selector = std::move(selector);
  type.text = std::move(text);
  return type;
}
inline browser::SelectorPresent present(std::string selector) {
  browser::SelectorPresent condition;
  condition.selector = std::move(selector);
  return condition;
}
inline browser::TimePassed time_passed(std::int32_t ms) {
  browser::TimePassed condition;
  condition.ms = ms;
  return condition;
}
inline browser::Extraction extraction(std::string name, std::string selector, browser::ExtractType type) {
  browser::Extraction result;
  result.name = std::move(name);
  result.selector = std::move(selector);
  result.type = type;
  return result;
}

/// Width and height of a PNG: big-endian words at 16 and 20 (ISO/IEC 15948 section 11.2.2); zero for anything else.
inline std::pair<std::uint32_t, std::uint32_t> png_size(std::string_view bytes) {
  constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
  if (bytes.size() < 24 || bytes.substr(0, kSignature.size()) != kSignature) return {0, 0};
  const auto word = [bytes](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
  };
  return {word(16), word(20)};
}

}  // namespace detail

/// Sessions begin and end as promised. Loads no page.
inline void browser_lifecycle(const MakeSubject<browser::Backend>& make) {
  detail::Browsers browsers(make());

  SECTION("archetypes have ids of their own, sizes, and exactly one default") {
    std::set<std::string> ids;
    int defaults = 0;
    for (const auto& archetype : browsers.backend().archetypes()) {
      INFO(archetype.id);
      CHECK(matches_slug(archetype.id));
      CHECK(archetype.id.size() >= 3);
      CHECK(archetype.id.size() <= 60);
      CHECK(archetype.width > 0);
      CHECK(archetype.height > 0);
      CHECK(archetype.scale >= 1);
      CHECK_FALSE(archetype.display_label.empty());
      CHECK(ids.insert(archetype.id).second);
      defaults += archetype.is_default ? 1 : 0;
    }
    CHECK(defaults == 1);
  }
  SECTION("every archetype starts, and has no address before its first navigation") {
    for (const auto& archetype : browsers.backend().archetypes()) {
      INFO(archetype.id);
      const std::string id = "ses_" + archetype.id;
      REQUIRE(browsers.start(id, archetype.id));
      const auto state = browsers.state(id);
      REQUIRE(state);
      CHECK_FALSE(state->url.has_value());
      CHECK(state->cookies.empty());
      CHECK(browsers.stop(id));
    }
  }
  SECTION("an unknown archetype is refused and leaves nothing behind") {
    CHECK(browsers.start("ses_1", "no_such_archetype").error().code == Errc::driver_not_integrated);
    CHECK(browsers.start("ses_1"));
  }
  SECTION("stop is ok for a session that never was, and again for one that ended") {
    CHECK(browsers.stop("ses_never"));
    REQUIRE(browsers.start("ses_1"));
    CHECK(browsers.stop("ses_1"));
    CHECK(browsers.stop("ses_1"));
  }
  SECTION("a command to a session without a browser is an error, before and after") {
    CHECK_FALSE(browsers.state("ses_1"));
    REQUIRE(browsers.start("ses_1"));
    REQUIRE(browsers.stop("ses_1"));
    CHECK_FALSE(browsers.state("ses_1"));
    CHECK_FALSE(browsers.capture("ses_1", browser::CaptureKind::screenshot));
  }
  SECTION("stopping one session leaves another alone") {
    REQUIRE(browsers.start("ses_1"));
    REQUIRE(browsers.start("ses_2"));
    REQUIRE(browsers.stop("ses_1"));
    CHECK(browsers.state("ses_2"));
  }
  SECTION("what a session leaves behind is a sealed archive, and opens the next one") {
    REQUIRE(browsers.start_keeping("ses_1"));
    auto saved = browsers.save_state("ses_1");
    REQUIRE(saved);
    CHECK(saved->state.is_sealed());
    CHECK(read_state_archive(saved->state));
    CHECK_FALSE(browsers.state("ses_1"));
    REQUIRE(browsers.stop("ses_1"));
    REQUIRE(browsers.start_keeping("ses_2", std::move(saved->state)));
    CHECK(browsers.state("ses_2"));
  }
  SECTION("a session that was not started to keep its state gives none, and lives on") {
    REQUIRE(browsers.start("ses_1"));
    CHECK(browsers.save_state("ses_1").error().code == Errc::misuse);
    CHECK(browsers.state("ses_1"));
  }
  SECTION("a state that is none is refused and leaves nothing behind") {
    auto nonsense = MemoryFile::of("no state at all");
    REQUIRE(nonsense);
    CHECK_FALSE(browsers.start_keeping("ses_1", std::move(*nonsense)));
    CHECK(browsers.start_keeping("ses_1"));
  }
  SECTION("stop beats a command that runs") {
    REQUIRE(browsers.start("ses_1"));
    std::promise<Errc> outcome;
    auto task = browsers.backend().wait(browsers.call(), browsers.wait_message("ses_1", detail::present("#never"), 60'000));
    call_on_io(browsers.host(), [&] {
      start(std::move(task),
            [&outcome](Result<browser::Waited> result) { outcome.set_value(result ? Errc::misuse : result.error().code); });
    });
    CHECK(browsers.stop("ses_1"));
    CHECK(outcome.get_future().get() == Errc::cancelled);
  }
}

/// A page is loaded, used and captured. `page_url` serves kConformancePage; the backend must be allowed to reach it.
inline void browser_pages(const MakeSubject<browser::Backend>& make, const std::string& page_url) {
  detail::Browsers browsers(make());
  REQUIRE(browsers.start("ses_1"));
  const auto navigated = browsers.navigate("ses_1", page_url);
  REQUIRE(navigated);

  SECTION("navigation answers status and final address, state shows address and title") {
    CHECK(navigated->status == 200);
    CHECK(navigated->final_url == page_url);
    const auto state = browsers.state("ses_1");
    REQUIRE(state);
    CHECK(state->url == page_url);
    CHECK(state->title == "Conformance page");
    REQUIRE(state->page_state);
    CHECK(state->page_state->state == browser::PageLoad::loaded);
  }
  SECTION("typing and tapping reach the page") {
    REQUIRE(browsers.interact("ses_1", detail::type_into("#name", "Grüße 日本")));
    REQUIRE(browsers.interact("ses_1", detail::tap_on("#go")));
    std::vector<browser::Extraction> wanted;
    wanted.push_back(detail::extraction("out", "#out", browser::ExtractType::text));
    const auto extracted = browsers.extract("ses_1", std::move(wanted));
    REQUIRE(extracted);
    CHECK(extracted->value.view().find("out")->as_text() == "Grüße 日本");
  }
  SECTION("extraction answers text, numbers, lists, and null or an empty list for what is not there") {
    std::vector<browser::Extraction> wanted;
    wanted.push_back(detail::extraction("price", ".price", browser::ExtractType::text));
    wanted.back().transform = browser::Transform::number;
    wanted.push_back(detail::extraction("links", "li a", browser::ExtractType::list));
    wanted.push_back(detail::extraction("none", ".none", browser::ExtractType::text));
    wanted.push_back(detail::extraction("empty", ".none", browser::ExtractType::list));
    const auto extracted = browsers.extract("ses_1", std::move(wanted));
    REQUIRE(extracted);
    const auto value = extracted->value.view();
    CHECK(value.find("price")->as_double() == 12.5);
    CHECK(value.find("links")->text() == R"(["One","Two"])");
    CHECK(value.find("none")->is_null());
    CHECK(value.find("empty")->text() == "[]");
  }
  SECTION("a screenshot is a PNG of the viewport, a full page is taller") {
    const auto archetypes = browsers.backend().archetypes();
    const auto archetype = std::find_if(archetypes.begin(), archetypes.end(), [](const auto& a) { return a.is_default; });
    const auto viewport = browsers.capture("ses_1", browser::CaptureKind::screenshot);
    REQUIRE(viewport);
    const auto [width, height] = detail::png_size(viewport->bytes.data);
    CHECK(width == static_cast<std::uint32_t>(archetype->width * archetype->scale));
    CHECK(height == static_cast<std::uint32_t>(archetype->height * archetype->scale));
    const auto full = browsers.capture("ses_1", browser::CaptureKind::screenshot, true);
    REQUIRE(full);
    CHECK(detail::png_size(full->bytes.data).second > 4000);
  }
  SECTION("a snapshot holds the page's text, a PDF is one") {
    const auto snapshot = browsers.capture("ses_1", browser::CaptureKind::dom_snapshot);
    REQUIRE(snapshot);
    CHECK(snapshot->bytes.data.find("EUR 12.50") != std::string::npos);
    const auto pdf = browsers.capture("ses_1", browser::CaptureKind::pdf);
    REQUIRE(pdf);
    CHECK(pdf->bytes.data.substr(0, 5) == "%PDF-");
  }
  SECTION("waiting for what is there is satisfied, for what never comes is not, and the session goes on") {
    CHECK(browsers.wait("ses_1", detail::present("h1"))->satisfied);
    CHECK_FALSE(browsers.wait("ses_1", detail::present("#never"), 300)->satisfied);
    const auto waited = browsers.wait("ses_1", detail::time_passed(50));
    CHECK(waited->satisfied);
    CHECK(waited->duration_ms >= 50);
  }
  SECTION("a target that is absent or hidden times out; a selector that does not parse is refused; neither harms the page") {
    CHECK(browsers.interact("ses_1", detail::tap_on("#never"), 300).error().code == Errc::session_timeout);
    CHECK(browsers.interact("ses_1", detail::tap_on("#hidden"), 300).error().code == Errc::session_timeout);
    CHECK(browsers.interact("ses_1", detail::tap_on("##"), 300).error().code == Errc::bad_request);
    CHECK(browsers.interact("ses_1", detail::tap_on("#go")));
  }
}

}  // namespace driftstack::testing::conformance
