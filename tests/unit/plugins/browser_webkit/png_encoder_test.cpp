#include "plugins/browser-webkit/session/image/png_encoder.hpp"

#include <png.h>

#include <array>
#include <catch2/catch.hpp>
#include <vector>

namespace driftstack::browser_webkit {
namespace {

TEST_CASE("pixels come back in order, row padding is skipped, and transparency shows white") {
  // Two by two, blue-green-red-alpha, with four bytes of padding after each row.
  const std::array<std::uint8_t, 24> pixels = {0,   0, 255, 255, 0,  255, 0, 255, 9, 9, 9, 9,  //
                                               255, 0, 0,   255, 64, 0,   0, 128, 9, 9, 9, 9};
  PixelView view;
  view.data = pixels.data();
  view.width = 2;
  view.height = 2;
  view.stride = 12;
  const std::optional<std::string> png = encode_png(view);
  REQUIRE(png);

  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&image, png->data(), png->size()) != 0);
  CHECK(image.width == 2);
  CHECK(image.height == 2);
  CHECK((image.format & PNG_FORMAT_FLAG_ALPHA) == 0);
  image.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> back(PNG_IMAGE_SIZE(image));
  REQUIRE(png_image_finish_read(&image, nullptr, back.data(), 0, nullptr) != 0);
  CHECK(back == std::vector<std::uint8_t>{255, 0, 0, 0, 255, 0, 0, 0, 255, 127, 127, 191});
}

TEST_CASE("a picture without pixels is refused") { CHECK_FALSE(encode_png(PixelView())); }

}  // namespace
}  // namespace driftstack::browser_webkit
