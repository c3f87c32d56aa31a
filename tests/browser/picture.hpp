#pragma once
// Pixels of a PNG that a test looks at.

#include <png.h>
#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace driftstack::browser_test {

/// A decoded picture, 4 bytes per pixel.
struct Picture {
  unsigned width = 0, height = 0;
  std::vector<std::uint8_t> pixels;

  /// Red, green and blue at a place.
  std::array<int, 3> at(unsigned x, unsigned y) const {
    const std::size_t i = (std::size_t{y} * width + x) * 4;
    return {pixels[i], pixels[i + 1], pixels[i + 2]};
  }
};

inline Picture decode(const std::string& png) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&image, png.data(), png.size()) != 0);
  image.format = PNG_FORMAT_RGBA;
  Picture picture;
  picture.width = image.width;
  picture.height = image.height;
  picture.pixels.resize(PNG_IMAGE_SIZE(image));
  REQUIRE(png_image_finish_read(&image, nullptr, picture.pixels.data(), 0, nullptr) != 0);
  return picture;
}

}  // namespace driftstack::browser_test
