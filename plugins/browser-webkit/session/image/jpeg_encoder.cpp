#include "image/jpeg_encoder.hpp"

#include <cstdio>  // before jpeglib.h, which uses FILE without naming its header
#include <cstdlib>

#include <jpeglib.h>

#include <csetjmp>

namespace driftstack::browser_webkit {
namespace {

struct ErrorExit {
  jpeg_error_mgr manager;  // first: the library knows this part only
  std::jmp_buf leave;
};

void leave(j_common_ptr info) { std::longjmp(reinterpret_cast<ErrorExit*>(info->err)->leave, 1); }
void stay_silent(j_common_ptr, int) {}

/// The library leaves by longjmp: nothing with a destructor may live in this frame.
bool write_image(jpeg_compress_struct& info, ErrorExit& errors, const PixelView& pixels, int quality) {
  if (setjmp(errors.leave) != 0) return false;
  info.image_width = static_cast<JDIMENSION>(pixels.width);
  info.image_height = static_cast<JDIMENSION>(pixels.height);
  info.input_components = kBytesPerPixel;
  info.in_color_space = JCS_EXT_BGRX;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  info.dct_method = JDCT_ISLOW;  // exact enough for flat colours to come back within one step
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(pixels.row(static_cast<int>(info.next_scanline)));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace

std::optional<std::string> encode_jpeg(const PixelView& pixels, int quality) {
  if (pixels.empty()) return std::nullopt;
  jpeg_compress_struct info{};
  ErrorExit errors{};
  info.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = leave;
  errors.manager.emit_message = stay_silent;
  unsigned char* bytes = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): the library's own type
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &bytes, &size);
  const bool written = write_image(info, errors, pixels, quality);
  jpeg_destroy_compress(&info);
  std::optional<std::string> out;
  if (written) out.emplace(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return out;
}

}  // namespace driftstack::browser_webkit
