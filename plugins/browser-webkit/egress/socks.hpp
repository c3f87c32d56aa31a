#pragma once
// The server's half of SOCKS 5 (RFC 1928), as far as an engine needs it: no authentication, CONNECT only. What comes in is from a process
// that is not trusted.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "egress/target_rules.hpp"

namespace driftstack::browser_webkit::socks {

/// Both messages of a client together are shorter.
inline constexpr std::size_t kMostHandshakeBytes = 1024;

enum class Parse : std::uint8_t { incomplete, ready, broken };

/// The client's first message, at the front of `bytes`. When ready, it is taken off.
Parse take_greeting(std::string& bytes);
/// The client's second message. When ready, it is taken off and `target` is where it wants to go.
Parse take_request(std::string& bytes, EgressTarget& target);

/// To a greeting: no authentication is needed.
inline constexpr std::string_view kWelcome{"\x05\x00", 2};

/// RFC 1928 section 6; the engine tells them apart. A refused target and a closed port get the same.
enum class Reply : std::uint8_t {
  succeeded = 0,
  too_slow = 3,      ///< network unreachable
  no_such_name = 4,  ///< host unreachable
  refused = 5,
};
std::string reply(Reply code);

}  // namespace driftstack::browser_webkit::socks
