// Any bytes of a session process at its way out, whole and in two pieces: the same outcome, and a target that is fit to be looked up.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "plugins/browser-webkit/egress/socks.hpp"

namespace {

using namespace driftstack::browser_webkit;

socks::Parse take(std::string& bytes, bool& greeted, EgressTarget& target) {
  if (!greeted) {
    const socks::Parse greeting = socks::take_greeting(bytes);
    if (greeting != socks::Parse::ready) return greeting;
    greeted = true;
  }
  return socks::take_request(bytes, target);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string all(reinterpret_cast<const char*>(data), size);
  std::string whole = all;
  bool greeted = false;
  EgressTarget target;
  const socks::Parse outcome = take(whole, greeted, target);
  if (outcome == socks::Parse::ready) {
    const bool fit = !target.host.empty() && target.port != 0 && target.host.find_first_of(" /@\\%\n") == std::string::npos;
    if (!fit || !all.ends_with(whole)) std::abort();
  }

  std::string piece = all.substr(0, size / 2);
  bool greeted_before = false;
  EgressTarget other;
  socks::Parse in_pieces = take(piece, greeted_before, other);
  if (in_pieces == socks::Parse::incomplete) {
    piece += all.substr(size / 2);
    in_pieces = take(piece, greeted_before, other);
    if (in_pieces != outcome || other.host != target.host || other.port != target.port) std::abort();
  }
  return 0;
}
