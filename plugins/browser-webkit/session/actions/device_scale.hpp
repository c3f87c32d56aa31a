#pragma once
// The device scale of the page, changed for the time of a picture. [main-thread]

#include "compositor/compositor.hpp"
#include "page/page.hpp"

namespace driftstack::browser_webkit {

/// Device pixels per CSS pixel that the page renders with now.
int device_scale(Page& page);

/// Answers when the engine renders with `scale`. Nothing to wait for when it does already.
Work<> change_device_scale(Page& page, Compositor& compositor, Command& command, int scale);

}  // namespace driftstack::browser_webkit
