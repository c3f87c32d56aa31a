// Each hand-written matcher against its published source text, by a regular expression library.
#include <catch2/catch.hpp>

#include <boost/regex.hpp>

#include <array>
#include <random>
#include <string>

#include "driftstack/support/pattern.hpp"

using driftstack::Pattern;

namespace {

constexpr std::uint32_t kSeed = 7;
constexpr int kInputs = 20'000;

struct Subject {
  const Pattern& pattern;
  std::vector<std::string> good, bad;
};

std::vector<Subject> subjects() {
  return {
      {driftstack::kSlugPattern, {"a", "desktop_chrome_1", "_"}, {"", "A", "a-b", "a b", "ä"}},
      {driftstack::kKebabPattern, {"a", "a-b", "a--b", "0"}, {"", "-a", "a-", "-", "a_b", "A"}},
      {driftstack::kEmailPattern,
       {"a@b.c", "a.b+c@d-e.example.org", "\"x\"@y.z", "ä@b.c"},
       {"", "a", "@b.c", "a@b", "a@b.", "a@.b", "a@b..c", "a@@b.c", "a@b@c.d", "a b@c.d", "a@b.c\n"}},
      {driftstack::kHttpUrlPattern,
       {"http://a", "HTTPS://a/b?c#d", "https://user@host:1/"},
       {"", "http:/a", "http://", "http:///x", "https://?", "ftp://a", "file:///x", "data:,x", " http://a", "http://a b",
        "javascript://a"}},
      {driftstack::kSixDigitsPattern, {"000000", "123456"}, {"", "12345", "1234567", "12345a", "12345 "}},
      {driftstack::kBase64UrlPattern, {"a", "A-_9"}, {"", "a=", "a+", "a/"}},
  };
}

}  // namespace

TEST_CASE("each pattern accepts and refuses what its name says") {
  for (const Subject& subject : subjects()) {
    for (const std::string& text : subject.good) {
      INFO(subject.pattern.source << " on " << text);
      CHECK(subject.pattern.matches(text));
    }
    for (const std::string& text : subject.bad) {
      INFO(subject.pattern.source << " on " << text);
      CHECK_FALSE(subject.pattern.matches(text));
    }
  }
}

TEST_CASE("each matcher accepts exactly what its source text does") {
  constexpr std::string_view kAlphabet = "aZ09_-.@:/?# \t\n\x01\x7f+=hHtTpPsS";
  for (const Subject& subject : subjects()) {
    const boost::regex published(std::string(subject.pattern.source), boost::regex::ECMAScript);
    std::mt19937 random(kSeed);
    int accepted = 0;
    for (int i = 0; i < kInputs; ++i) {
      std::string text = subject.good[random() % subject.good.size()];
      for (unsigned changes = random() % 4; changes > 0; --changes) {
        const std::size_t at = random() % (text.size() + 1);
        const char c = kAlphabet[random() % kAlphabet.size()];
        if (random() % 2 == 0) {
          text.insert(at, 1, c);
        } else {
          text.replace(at, 1, 1, c);
        }
      }
      const bool wanted = boost::regex_match(text, published);
      accepted += wanted ? 1 : 0;
      if (subject.pattern.matches(text) != wanted) FAIL(subject.pattern.source << " on " << text);
    }
    CHECK(accepted > 100);
    CHECK(accepted < kInputs);
  }
}
