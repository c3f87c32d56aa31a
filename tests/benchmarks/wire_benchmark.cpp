// What a request pays for its shapes: nanoseconds per body, and the ratio to a plain parse of the same text by Boost.JSON.
//
// Ratios count more than times: both sides run on the same machine in the same minute. Each figure is the best of several rounds.
#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "driftstack/support/page.hpp"
#include "tests/unit/sdk/support/sample_shapes.hpp"

namespace {

namespace wire = driftstack::wire;

constexpr int kRounds = 7;
constexpr std::chrono::milliseconds kRound{60};
constexpr int kListSize = 100;

volatile std::size_t sink = 0;  // keeps the compiler from dropping the work

template <class Work>
double nanoseconds(Work work) {
  using Clock = std::chrono::steady_clock;
  double best = 1e18;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = Clock::now();
    std::int64_t runs = 0;
    while (Clock::now() - start < kRound) {
      for (int i = 0; i < 64; ++i) sink = sink + work();
      runs += 64;
    }
    best = std::min(best, std::chrono::duration<double, std::nano>(Clock::now() - start).count() / static_cast<double>(runs));
  }
  return best;
}

double boost_parse(const std::string& text) {
  return nanoseconds([&] {
    unsigned char buffer[8192];  // what a careful user of the library gives it
    boost::json::monotonic_resource arena(buffer, sizeof buffer);
    return boost::json::parse(text, &arena).is_object() ? std::size_t{1} : std::size_t{0};
  });
}

void report(const char* what, double ours, const std::string& text) {
  const double theirs = boost_parse(text);
  std::printf("%-28s %6zu bytes %10.0f ns   %5.2f x Boost.JSON parse (%.0f ns)\n", what, text.size(), ours, ours / theirs, theirs);
}

template <class T>
void report_read(const char* what, const std::string& text) {
  report(what, nanoseconds([&] {
           T value;
           wire::Issues issues;
           return wire::read(text, value, issues) == wire::Outcome::ok ? std::size_t{1} : std::size_t{0};
         }),
         text);
}

template <class T>
void report_write(const char* what, const T& value) {
  std::string out;
  report(what, nanoseconds([&] {
           out.clear();
           wire::write(value, out);
           return out.size();
         }),
         wire::to_text(value));
}

std::string extract_body() {
  std::string body = R"({"extractions":[)";
  for (int i = 0; i < 9; ++i) {
    if (i != 0) body += ',';
    body += R"({"name":"item_)" + std::to_string(i) +
            R"(","selector":"main > ul.results li.result-card","type":"list","extract":{)"
            R"("link":{"type":"attribute","attribute":"href","selector":"a.title"},"price":{"type":"text","selector":".price .value"}}})";
  }
  return body + "]}";
}

samples::Session session() {
  samples::Session s;
  s.id = samples::SessionId::random();
  s.account_id = samples::AccountId::random();
  s.api_key_id = samples::KeyId::random();
  s.archetype = "desktop_chrome_windows";
  s.label = "nightly price check";
  s.metadata = wire::Json::parse(R"({"order":1234,"team":"pricing"})");
  s.created_at = s.updated_at = driftstack::Timestamp::from_micros(1'778'365'800'123'456);
  s.last_state_at = s.created_at;
  return s;
}

}  // namespace

int main() {
  report_read<samples::SessionCreate>(
      "read session create",
      R"({"archetype":"desktop_chrome","label":"nightly price check","metadata":{"order":1234},"behavioral_profile":"casual"})");
  report_read<samples::Interact>("read interact",
                                 R"({"action":{"kind":"type","selector":"#search input","text":"blue shoes","delay_ms":40}})");
  report_read<samples::Extract>("read extract", extract_body());
  report_write("write session", session());
  driftstack::Page<samples::Session> page;
  page.data.assign(kListSize, session());
  report_write("write list of 100 sessions", page);
  const std::string body = extract_body();
  report("raw JSON parse and compact", nanoseconds([&] { return wire::Json::parse(body)->text().size(); }), body);
  return 0;
}
