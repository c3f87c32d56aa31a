#pragma once
// PNG with settings for speed: the toolkit's own encoder takes most of a capture's time. Pure function of pixels. [any-thread]

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace driftstack::browser_webkit {

/// 32 bits per pixel in memory order blue, green, red, alpha; colours multiplied by alpha (CAIRO_FORMAT_ARGB32, little endian).
struct PixelView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  std::size_t stride = 0;  ///< bytes from row to row
};

/// An RGB image; what is transparent shows white, as a browser window does. Nothing when the library refuses (size, memory).
std::optional<std::string> encode_png(const PixelView& pixels);

}  // namespace driftstack::browser_webkit
