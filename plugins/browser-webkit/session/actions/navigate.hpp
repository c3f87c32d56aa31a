#pragma once
// Loading a document and telling how that went. [main-thread]

#include "page/page.hpp"

namespace driftstack::browser_webkit {

Work<browser::Navigated> navigate(Page& page, Command& command, browser::Navigate message);

}  // namespace driftstack::browser_webkit
