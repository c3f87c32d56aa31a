#pragma once
// Searching: find the field, type, Enter, look for results. [main-thread]

#include "actions/text.hpp"

namespace driftstack::browser_webkit {

Work<browser::Searched> search(Page& page, Keyboard& keyboard, Command& command, browser::Search message);

}  // namespace driftstack::browser_webkit
