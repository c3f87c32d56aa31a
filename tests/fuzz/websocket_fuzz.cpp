// Any bytes of a WebSocket client, whole and in two pieces: the same events and the same end, and no message over the limit.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/support/utf8.hpp"
#include "kernel/http/websocket_frames.hpp"

namespace {

using namespace driftstack::kernel;

constexpr std::size_t kLimit = 200;
constexpr std::size_t kMostControl = 125;

struct Outcome {
  std::vector<WebSocketEvent> events;
  bool open = true;
  WebSocketClose problem = WebSocketClose::normal;
};

Outcome read(std::string_view first, std::string_view second) {
  Outcome outcome;
  WebSocketReader reader(kLimit);
  for (const auto part : {first, second})
    if (outcome.open) outcome.open = reader.take(part, outcome.events);
  outcome.problem = reader.problem();
  return outcome;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const Outcome whole = read(all, {});
  for (const auto& event : whole.events) {
    const bool control = event.kind == WebSocketEvent::Kind::ping || event.kind == WebSocketEvent::Kind::close;
    require(event.data.size() <= (control ? kMostControl : kLimit));
    if (event.kind == WebSocketEvent::Kind::text || event.kind == WebSocketEvent::Kind::close)
      require(driftstack::is_valid_utf8(event.data));
  }
  require(whole.open ? whole.problem == WebSocketClose::normal : true);
  for (const std::size_t cut : {size / 2, size / 3, std::size_t{1}}) {
    if (cut > size) continue;
    const Outcome pieces = read(all.substr(0, cut), all.substr(cut));
    require(pieces.open == whole.open && pieces.problem == whole.problem && pieces.events.size() == whole.events.size());
    for (std::size_t i = 0; i < whole.events.size(); ++i)
      require(pieces.events[i].kind == whole.events[i].kind && pieces.events[i].data == whole.events[i].data);
  }
  return 0;
}
