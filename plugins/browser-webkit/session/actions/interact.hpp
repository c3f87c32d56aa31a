#pragma once
// One interact command: from the kind of its action to what carries it out. [main-thread]

#include "actions/text.hpp"

namespace driftstack::browser_webkit {

Work<> interact(Page& page, Compositor& compositor, Keyboard& keyboard, Command& command, browser::Interact message);

}  // namespace driftstack::browser_webkit
