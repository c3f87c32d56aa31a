#pragma once
// PNG (ISO/IEC 15948) with settings for speed: with the library's defaults, encoding takes several times as long as taking the picture.
// Pure function of pixels. [any-thread]

#include <optional>
#include <string>

#include "image/pixels.hpp"

namespace driftstack::browser_webkit {

/// An RGB image; what is transparent shows white, as a browser window does. Nothing when there are no pixels or the library refuses (a
/// side over 1,000,000, no memory of its own).
std::optional<std::string> encode_png(const PixelView& pixels);

}  // namespace driftstack::browser_webkit
