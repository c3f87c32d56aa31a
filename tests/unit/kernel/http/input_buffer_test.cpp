#include "kernel/http/input_buffer.hpp"

#include <catch2/catch.hpp>
#include <string>

using driftstack::kernel::InputBuffer;

namespace {

void put(InputBuffer& buffer, std::string_view text) {
  while (!text.empty()) {
    const auto room = buffer.room();
    REQUIRE_FALSE(room.empty());
    const std::size_t size = std::min(room.size(), text.size());
    std::copy_n(text.begin(), size, room.begin());
    buffer.received(size);
    text.remove_prefix(size);
  }
}

}  // namespace

TEST_CASE("bytes come out as they went in, whatever is consumed in between") {
  InputBuffer buffer;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const std::string text(static_cast<std::size_t>(i) * 37 % 1000, static_cast<char>('a' + i % 26));
    put(buffer, text);
    expected += text;
    REQUIRE(buffer.unread() == expected);
    const std::size_t size = expected.size() / 3;
    buffer.consume(size);
    expected.erase(0, size);
    REQUIRE(buffer.unread() == expected);
    buffer.shrink();
    REQUIRE(buffer.unread() == expected);
  }
}

TEST_CASE("other bytes can take the place of the unread ones") {
  InputBuffer buffer;
  put(buffer, "abc");
  const std::string large(3 * InputBuffer::kSmallest, 'x');
  buffer.replace(large);
  CHECK(buffer.unread() == large);
  buffer.replace("");
  CHECK(buffer.unread().empty());
  buffer.shrink();
  put(buffer, "next");
  CHECK(buffer.unread() == "next");
}
