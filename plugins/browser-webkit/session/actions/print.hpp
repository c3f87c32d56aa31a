#pragma once
// The page on paper. [main-thread]

#include "attachment.hpp"
#include "page/page.hpp"

namespace driftstack::browser_webkit {

/// A PDF on A4 by the toolkit's file printer, which needs no printing system.
Work<Attachment> print_pdf(Page& page, Command& command);

}  // namespace driftstack::browser_webkit
