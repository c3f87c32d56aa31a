#pragma once
// Pixels in memory, as cairo and the engine lay them out.

#include <cstddef>
#include <cstdint>

namespace driftstack::browser_webkit {

inline constexpr int kBytesPerPixel = 4;

/// 32 bits per pixel in memory order blue, green, red, alpha; colours multiplied by alpha (CAIRO_FORMAT_ARGB32, little endian). Does not
/// own the pixels.
struct PixelView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  std::size_t stride = 0;  ///< bytes from row to row

  bool empty() const { return data == nullptr || width <= 0 || height <= 0; }
  const std::uint8_t* row(int y) const { return data + static_cast<std::size_t>(y) * stride; }
};

}  // namespace driftstack::browser_webkit
