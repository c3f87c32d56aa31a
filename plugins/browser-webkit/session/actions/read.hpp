#pragma once
// Reading from the page: state and extraction. [main-thread]

#include "page/page.hpp"

namespace driftstack::browser_webkit {

Work<browser::State> state(Page& page, Command& command);
Work<browser::Extracted> extract(Page& page, Command& command, browser::Extract message);

}  // namespace driftstack::browser_webkit
