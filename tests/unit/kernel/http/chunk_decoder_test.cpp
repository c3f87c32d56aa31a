#include "kernel/http/chunk_decoder.hpp"

#include <catch2/catch.hpp>
#include <string>

using driftstack::kernel::ChunkDecoder;
using State = ChunkDecoder::State;

namespace {

struct Outcome {
  State state;
  std::string content, rest;
};

// In one piece and byte by byte: both must agree.
Outcome decode(const std::string& text, std::uint64_t limit = 1000) {
  Outcome whole, pieces;
  std::string_view input = text;
  whole.state = ChunkDecoder(limit).feed(input, whole.content);
  whole.rest = input;
  ChunkDecoder decoder(limit);
  pieces.state = State::more;
  std::size_t at = 0;
  while (at < text.size() && pieces.state == State::more) {
    std::string_view one = std::string_view(text).substr(at++, 1);
    pieces.state = decoder.feed(one, pieces.content);
  }
  REQUIRE(pieces.state == whole.state);
  if (whole.state == State::done) {
    REQUIRE(pieces.content == whole.content);
    REQUIRE(text.substr(at) == whole.rest);
  }
  return whole;
}

}  // namespace

TEST_CASE("chunks are put together, and what follows them is left alone") {
  const auto outcome = decode("4\r\nWiki\r\nA\r\n0123456789\r\n00000001\r\nx\r\n0\r\n\r\nGET / HTTP/1.1");
  CHECK(outcome.state == State::done);
  CHECK(outcome.content == "Wiki0123456789x");
  CHECK(outcome.rest == "GET / HTTP/1.1");
  CHECK(decode("0\r\n\r\n").state == State::done);
  CHECK(decode("a\r\n0123\r\n789a\r\n0\r\n\r\n").content == "0123\r\n789a");
}

TEST_CASE("chunked bodies that two readers could understand differently are refused") {
  for (const char* text : {"\r\n",
                           "g\r\n",
                           "-1\r\n",
                           "+1\r\nx\r\n",
                           "0x1\r\nx\r\n",
                           " 1\r\nx\r\n",
                           "1 \r\nx\r\n",
                           "1\nx\r\n",
                           "1\r\nxy\r\n",
                           "1\r\nx\n0\r\n\r\n",
                           "1\r\nx\r0",
                           "1;a=b\r\nx\r\n",
                           "1;\r\nx\r\n",
                           "0;a\r\n\r\n",
                           "0\r\nTrailer: x\r\n\r\n",
                           "0\r\n\n",
                           "0\n\r\n",
                           "1\r\rx\r\n",
                           "000000001\r\nx\r\n",
                           "fffffffff\r\n",
                           "ffffffffffffffffff\r\n",
                           "1\r\n\r\n\r\n0\r\nX"}) {
    INFO(text);
    CHECK(decode(text).state == State::bad);
  }
}

TEST_CASE("a body over the limit is refused before it arrives, whatever its chunks claim") {
  CHECK(decode("5\r\n", 4).state == State::too_large);
  CHECK(decode("4\r\nabcd\r\n0\r\n\r\n", 4).state == State::done);
  CHECK(decode("4\r\nabcd\r\n1\r\n", 4).state == State::too_large);
  CHECK(decode("ffffffff\r\n", 1 << 20).state == State::too_large);
  CHECK(decode("2\r\nab\r\nffffffff\r\n", 4).state == State::too_large);
}

TEST_CASE("an unfinished body wants more") {
  for (const char* text : {"", "1", "1\r", "1\r\n", "1\r\nx", "1\r\nx\r", "1\r\nx\r\n", "0", "0\r\n", "0\r\n\r"}) {
    INFO(text);
    CHECK(decode(text).state == State::more);
  }
}
