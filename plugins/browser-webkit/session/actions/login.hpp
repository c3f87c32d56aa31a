#pragma once
// Logging in: find the fields, type, submit, look whether it worked. [main-thread]

#include "actions/text.hpp"

namespace driftstack::browser_webkit {

/// A page that asks for the name first and for the password on the next page is served too.
Work<browser::LoggedIn> login(Page& page, Compositor& compositor, Keyboard& keyboard, Command& command, browser::Login message);

}  // namespace driftstack::browser_webkit
