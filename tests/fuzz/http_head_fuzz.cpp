// Request heads and chunked bodies: what the strict parser accepts must mean the same however it arrives in pieces, and the same to another
// parser (Boost.Beast). Where ours is stricter nothing is compared; where ours accepts and the other refuses or disagrees, a request could
// be smuggled.
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "kernel/http/chunk_decoder.hpp"
#include "kernel/http/head_parser.hpp"

namespace {

using namespace driftstack::kernel;
namespace beast = boost::beast::http;

constexpr std::uint64_t kBodyLimit = 4096;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

bool clean(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos; }

// The verdict on a text that comes in pieces is the verdict on the whole.
void check_pieces(std::string_view text, HeadState expected) {
  HeadParser parser{HeadLimits()};
  HeadState state = HeadState::incomplete;
  for (std::size_t size = 1; size <= text.size() && state == HeadState::incomplete; size += 1 + size % 7)
    state = parser.parse(text.substr(0, size));
  if (state == HeadState::incomplete) state = parser.parse(text);
  require(state == expected, "pieces change the verdict on a head");
}

ChunkDecoder::State decode(std::string_view& input, std::string& content, std::size_t piece) {
  ChunkDecoder decoder(kBodyLimit);
  auto state = ChunkDecoder::State::more;
  while (!input.empty() && state == ChunkDecoder::State::more) {
    std::string_view part = input.substr(0, piece);
    const std::size_t before = part.size();
    state = decoder.feed(part, content);
    input.remove_prefix(before - part.size());
  }
  return state;
}

void check_values(const HeadParser& parser) {
  const RequestHead& head = parser.head();
  require(clean(head.method) && clean(head.target) && clean(head.host), "a line end inside the request line or host");
  for (const auto& header : head.headers)
    require(!header.name.empty() && clean(header.name) && clean(header.value), "a line end inside a header");
}

void compare_with_beast(std::string_view text, const HeadParser& parser) {
  const RequestHead& head = parser.head();
  beast::request_parser<beast::string_body> other;
  other.eager(true);
  other.header_limit(64 * 1024);
  other.body_limit(boost::none);
  boost::system::error_code error;
  const std::size_t head_size = [&] {
    beast::request_parser<beast::string_body> header_only;
    header_only.header_limit(64 * 1024);
    header_only.body_limit(boost::none);
    const std::size_t size = header_only.put(boost::asio::buffer(text.data(), text.size()), error);
    require(!error && header_only.is_header_done(), "Beast refuses an accepted head");
    require(header_only.chunked() == (head.framing == Framing::chunked), "Beast sees another framing");
    if (head.framing == Framing::length)
      require(header_only.content_length() && *header_only.content_length() == head.content_length, "Beast sees another length");
    require(header_only.get().target() == boost::beast::string_view(head.target.data(), head.target.size()), "Beast sees another target");
    return size;
  }();
  require(head_size == parser.size(), "Beast sees another end of the head");
  if (head.framing != Framing::chunked) return;

  std::string_view input = text.substr(parser.size());
  std::string content;
  if (decode(input, content, text.size()) != ChunkDecoder::State::done) return;
  std::string_view piecewise = text.substr(parser.size());
  std::string again;
  require(decode(piecewise, again, 3) == ChunkDecoder::State::done && again == content && piecewise == input,
          "pieces change a chunked body");
  std::size_t used = 0;
  while (!error && !other.is_done() && used < text.size()) {
    const std::size_t step = other.put(boost::asio::buffer(text.data() + used, text.size() - used), error);
    if (error == beast::error::need_more) break;
    used += step;
  }
  require(other.is_done() && other.get().body() == content && used == text.size() - input.size(), "Beast sees another chunked body");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  HeadParser parser{HeadLimits()};
  const HeadState state = parser.parse(text);
  check_pieces(text, state);
  require((state == HeadState::bad) == !parser.problem().empty(), "a bad head has a reason, another has none");
  if (state != HeadState::complete) return 0;
  check_values(parser);
  compare_with_beast(text, parser);
  return 0;
}
