#pragma once
// Finding the target of an action: present, visible, enabled, not moving, not covered. [main-thread]

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "page/page.hpp"

namespace driftstack::browser_webkit {

enum class Purpose : std::uint8_t { tap, type, scroll, hover, select, clear, check, upload, drag, drop };
constexpr auto enum_names(Purpose) {
  return std::to_array<std::pair<std::string_view, Purpose>>({{"tap", Purpose::tap},
                                                              {"type", Purpose::type},
                                                              {"scroll", Purpose::scroll},
                                                              {"hover", Purpose::hover},
                                                              {"select", Purpose::select},
                                                              {"clear", Purpose::clear},
                                                              {"check", Purpose::check},
                                                              {"upload", Purpose::upload},
                                                              {"drag", Purpose::drag},
                                                              {"drop", Purpose::drop}});
}

/// What an action is about: a selector, and the frame in which it looks.
struct Aim {
  Frame frame;
  std::string selector;
};

/// Where to put the pointer, in CSS pixels of the viewport.
struct Target {
  double x = 0, y = 0;
  bool focused = false;  ///< keys reach it already
};

/// The arguments of the agent's functions that look at one element.
struct SelectorQuestion {
  std::string selector;
  static constexpr auto shape = wire::object(wire::field<&SelectorQuestion::selector>("selector"));
};
/// The answer of its tests.
struct Ready {
  bool ready = false;
  static constexpr auto shape = wire::object(wire::field<&Ready::ready>("ready"));
};

/// Waits until the first match can be used for the purpose. Fails with bad_request for a selector that does not parse, with timeout and
/// what stood in the way (a covering element by name) when the command's time is over.
Work<Target> locate(Page& page, Command& command, Aim aim, Purpose purpose);

/// The same for another function of the agent that answers like its `locate`.
Work<Target> locate_by(Page& page, Command& command, Frame frame, std::string_view function, wire::Json question);

/// Asks a test of the agent about the aim until it is true; false when it was not until then.
Task<bool> becomes(Page& page, Command& command, Aim aim, std::string_view test, Deadline until);

}  // namespace driftstack::browser_webkit
