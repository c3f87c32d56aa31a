#pragma once
// Input of a person who looks on: real pointer and keys at a place of the viewport, whatever is there. [main-thread]

#include "actions/text.hpp"
#include "compositor/compositor.hpp"
#include "driftstack/roles/browser_view.hpp"
#include "page/page.hpp"

namespace driftstack::browser_webkit {

/// Answers when the page saw it, or shortly after: a person sees by himself what came of it.
Work<> hand_input(Page& page, Compositor& compositor, Keyboard& keyboard, Command& command, browser::Input input);

}  // namespace driftstack::browser_webkit
