#include "plugins/browser-webkit/protocol/frames.hpp"

#include <catch2/catch.hpp>

namespace driftstack::browser_webkit::protocol {
namespace {

TEST_CASE("frames come out whole, however the stream is cut") {
  const std::string long_body(70'000, 'x');
  const std::string stream = *encode_frame("{}") + *encode_frame("") + *encode_frame(long_body);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{3}, std::size_t{5}, std::size_t{4096}, stream.size()}) {
    FrameReader reader;
    std::vector<std::string> bodies;
    for (std::size_t at = 0; at < stream.size(); at += cut) {
      reader.append(std::string_view(stream).substr(at, cut));
      for (std::string body; reader.next(body) == FrameReader::State::ready;) bodies.push_back(body);
    }
    CHECK(bodies == std::vector<std::string>{"{}", "", long_body});
  }
}

TEST_CASE("a length above the cap breaks the stream before anything is kept") {
  FrameReader reader;
  std::string body;
  reader.append(std::string_view("\x01\x00\x00\x00", 4));
  CHECK(reader.next(body) == FrameReader::State::incomplete);  // exactly the cap
  FrameReader too_large;
  too_large.append(std::string_view("\x01\x00\x00\x01", 4));
  CHECK(too_large.next(body) == FrameReader::State::broken);
}

TEST_CASE("a body above the cap is not encoded") {
  CHECK(encode_frame(std::string(kMaxFrameBytes, 'x')));
  CHECK_FALSE(encode_frame(std::string(kMaxFrameBytes + 1, 'x')));
}

}  // namespace
}  // namespace driftstack::browser_webkit::protocol
