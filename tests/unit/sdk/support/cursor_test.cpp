#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/cursor.hpp"

using driftstack::CursorMac;
using driftstack::CursorPosition;
using driftstack::open_cursor;
using driftstack::seal_cursor;

namespace {

// A keyed checksum stands in for the host's HMAC: what is tested is what goes into it and what is compared.
class ToyMac {
 public:
  explicit ToyMac(std::uint64_t key) : key_(key) {}
  CursorMac operator()(std::string_view message) const {
    CursorMac mac{};
    std::uint64_t state = key_;
    for (std::size_t i = 0; i < mac.size(); ++i) {
      for (const char c : message) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001B3U + i;
      mac[i] = static_cast<std::byte>(state >> 56);
    }
    return mac;
  }

 private:
  std::uint64_t key_;
};

const ToyMac kMac(42);
const CursorPosition kPosition{1'778'365'800'123'456, "ses_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11"};
constexpr std::string_view kContext = "acc_1 GET /v1/sessions status=ready";

}  // namespace

TEST_CASE("a sealed cursor opens to its position in its context") {
  const std::string cursor = seal_cursor(kPosition, kContext, kMac);
  CHECK(open_cursor(cursor, kContext, kMac) == kPosition);
  CHECK(cursor.size() <= 512);
  CHECK(cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos);
}

TEST_CASE("negative times, empty and long ids survive") {
  for (const CursorPosition& position :
       {CursorPosition{-1, ""}, CursorPosition{INT64_MIN, std::string(256, 'x')}, CursorPosition{INT64_MAX, "a"}}) {
    const std::string cursor = seal_cursor(position, kContext, kMac);
    CHECK(cursor.size() <= 512);
    CHECK(open_cursor(cursor, kContext, kMac) == position);
  }
  const CursorPosition too_long{0, std::string(257, 'x')};
  CHECK_THROWS_AS(seal_cursor(too_long, kContext, kMac), std::length_error);
}

TEST_CASE("a cursor does not open in another context or with another key") {
  const std::string cursor = seal_cursor(kPosition, kContext, kMac);
  CHECK_FALSE(open_cursor(cursor, "acc_2 GET /v1/sessions status=ready", kMac).has_value());
  CHECK_FALSE(open_cursor(cursor, "", kMac).has_value());
  CHECK_FALSE(open_cursor(cursor, kContext, ToyMac(43)).has_value());
}

TEST_CASE("a cursor with any bit changed does not open") {
  const std::string bytes = *driftstack::base64url_decode(seal_cursor(kPosition, kContext, kMac));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    INFO(bit);
    CHECK_FALSE(open_cursor(driftstack::base64url_encode(changed), kContext, kMac).has_value());
  }
}

TEST_CASE("text that is no cursor does not open") {
  const std::string cursor = seal_cursor(kPosition, kContext, kMac);
  for (const std::string& text : {std::string(), std::string("AA"), cursor.substr(0, cursor.size() - 4), cursor + "AAAA", cursor + "=",
                                  std::string(512, 'A'), std::string(100'000, 'A'), "!" + cursor.substr(1)}) {
    CHECK_FALSE(open_cursor(text, kContext, kMac).has_value());
  }
}

TEST_CASE("a cursor of another version does not open, even with the right MAC") {
  const auto with_version = [](char version) {
    std::string payload = driftstack::cursor_detail::cursor_payload(kPosition);
    payload[0] = version;
    const CursorMac mac = kMac(driftstack::cursor_detail::cursor_message(payload, kContext));
    return driftstack::cursor_detail::finish_cursor(payload, mac);
  };
  CHECK(open_cursor(with_version(1), kContext, kMac) == kPosition);
  CHECK_FALSE(open_cursor(with_version(2), kContext, kMac).has_value());
}

TEST_CASE("the MAC covers the context apart from the position") {
  // Without a length before the context both would be MACed as the same bytes.
  CHECK(driftstack::cursor_detail::cursor_message("bc", "a") != driftstack::cursor_detail::cursor_message("c", "ab"));
}
