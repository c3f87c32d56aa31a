#pragma once
// JPEG by libjpeg-turbo, which converts the colours itself. Pure function of pixels. [any-thread]

#include <optional>
#include <string>

#include "image/pixels.hpp"

namespace driftstack::browser_webkit {

/// A baseline JPEG. `quality` is 1..100 on the library's scale. Pictures of pages are opaque: alpha is not looked at. Nothing when the
/// library refuses (no pixels, a side over 65,500, memory).
std::optional<std::string> encode_jpeg(const PixelView& pixels, int quality);

}  // namespace driftstack::browser_webkit
