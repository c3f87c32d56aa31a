#pragma once
// All cookies of a session, with every attribute that the engine knows, session cookies too. [main-thread]

#include <webkit2/webkit2.h>

#include <vector>

#include "command.hpp"
#include "driftstack/roles/browser_backend.hpp"

namespace driftstack::browser_webkit {

Work<std::vector<browser::Cookie>> all_cookies(WebKitWebView* view, Command& command);

/// Puts these in the place of all that there are. What has expired meanwhile is left out by the engine.
Work<> replace_cookies(WebKitWebView* view, Command& command, std::vector<browser::Cookie> cookies);

}  // namespace driftstack::browser_webkit
