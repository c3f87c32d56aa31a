#pragma once
// Finding the target of an action: present, visible, enabled, not moving, not covered. [main-thread]

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "page/page.hpp"

namespace driftstack::browser_webkit {

enum class Purpose : std::uint8_t { tap, type, scroll };
constexpr auto enum_names(Purpose) {
  return std::to_array<std::pair<std::string_view, Purpose>>({{"tap", Purpose::tap}, {"type", Purpose::type}, {"scroll", Purpose::scroll}});
}

/// Where to put the pointer, in CSS pixels of the viewport.
struct Target {
  double x = 0, y = 0;
  bool focused = false;  ///< keys reach it already
};

/// Waits until the first match of `selector` can be used. Fails with bad_request for a selector that does not parse, with timeout and what
/// stood in the way (a covering element by name) when the command's time is over.
Work<Target> locate(Page& page, Command& command, std::string selector, Purpose purpose);

}  // namespace driftstack::browser_webkit
