#pragma once
// Files for a page, through the engine's file chooser. [main-thread]

#include <string>
#include <vector>

#include "actions/pointer.hpp"

namespace driftstack::browser_webkit {

/// Writes the files into a folder of the session and gives them to the file field, or to what opens one when it is tapped.
Work<> upload(Page& page, Compositor& compositor, Command& command, Aim aim, std::vector<browser::UploadFile> files);

}  // namespace driftstack::browser_webkit
