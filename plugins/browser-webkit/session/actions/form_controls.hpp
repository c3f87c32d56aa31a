#pragma once
// Select and check: form controls brought into a wanted state by real input. [main-thread]

#include "actions/pointer.hpp"

namespace driftstack::browser_webkit {

/// Afterwards exactly the options with these values are selected. Waits for options that are not there yet.
Work<> select_options(Page& page, Compositor& compositor, Command& command, Aim aim, std::vector<std::string> values);

/// Taps the control unless it is as wanted; fails when the tap did not change it.
Work<> check(Page& page, Compositor& compositor, Command& command, Aim aim, bool checked);

}  // namespace driftstack::browser_webkit
