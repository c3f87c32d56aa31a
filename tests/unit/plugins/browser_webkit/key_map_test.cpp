#include "plugins/browser-webkit/session/keyboard/key_map.hpp"

#include <linux/input-event-codes.h>

#include <catch2/catch.hpp>

#include "plugins/browser-webkit/session/keyboard/unicode.hpp"

namespace driftstack::browser_webkit {
namespace {

TEST_CASE("every printable ASCII character has a key of the us layout") {
  const std::optional<KeyMap> us = KeyMap::us();
  REQUIRE(us);
  for (char32_t c = U' '; c < 0x7f; ++c) {
    INFO(static_cast<unsigned>(c));
    CHECK(us->find(c));
  }
  CHECK(us->find(U'a') == KeyStroke{KEY_A, false});
  CHECK(us->find(U'A') == KeyStroke{KEY_A, true});
  CHECK(us->find(U'1') == KeyStroke{KEY_1, false});
  CHECK(us->find(U'!') == KeyStroke{KEY_1, true});
  CHECK(us->find(U'.') == KeyStroke{KEY_DOT, false});
  CHECK(us->find(U'\n') == KeyStroke{KEY_ENTER, false});
  CHECK(us->find(U'\t') == KeyStroke{KEY_TAB, false});
  CHECK_FALSE(us->find(U'é'));
}

TEST_CASE("other characters get a key of their own, and the us keys stay") {
  const std::optional<KeyMap> us = KeyMap::us();
  REQUIRE(us);
  REQUIRE(us->room() >= 16);
  const std::u32string wanted = U"éß你😀€ё";
  const std::optional<KeyMap> extended = us->with(wanted);
  REQUIRE(extended);
  std::vector<std::uint32_t> codes;
  for (const char32_t c : wanted) {
    INFO(static_cast<unsigned>(c));
    const std::optional<KeyStroke> stroke = extended->find(c);
    REQUIRE(stroke);
    CHECK_FALSE(stroke->shift);
    CHECK(std::find(codes.begin(), codes.end(), stroke->evdev_code) == codes.end());
    codes.push_back(stroke->evdev_code);
  }
  CHECK(extended->find(U'Z') == us->find(U'Z'));
}

TEST_CASE("characters beyond the room are left out") {
  const std::optional<KeyMap> us = KeyMap::us();
  REQUIRE(us);
  std::u32string many;
  for (char32_t c = 0x4e00; many.size() <= us->room(); ++c) many.push_back(c);
  const std::optional<KeyMap> extended = us->with(many);
  REQUIRE(extended);
  CHECK(extended->find(many[us->room() - 1]));
  CHECK_FALSE(extended->find(many.back()));
}

TEST_CASE("keys have the names of the UI Events specification") {
  CHECK(KeyMap::find_named("Enter") == KeyStroke{KEY_ENTER, false});
  CHECK(KeyMap::find_named("ArrowDown") == KeyStroke{KEY_DOWN, false});
  CHECK(KeyMap::find_named("F12") == KeyStroke{KEY_F12, false});
  CHECK_FALSE(KeyMap::find_named("enter"));
  CHECK_FALSE(KeyMap::find_named("a"));
  CHECK_FALSE(KeyMap::find_named(""));
}

TEST_CASE("text is taken apart into code points, and control characters make no key") {
  CHECK(to_code_points("aé你😀") == U"aé你😀");
  CHECK_FALSE(to_code_points("a\xff"));
  CHECK_FALSE(to_code_points("\xed\xa0\x80"));
  CHECK(is_typeable(U"a\n\t😀"));
  for (const char32_t c : {U'\0', U'\x1b', U'\r', U'\x7f', U'\x9f'}) CHECK_FALSE(is_typeable(std::u32string(1, c)));
}

}  // namespace
}  // namespace driftstack::browser_webkit
