#include "qr_code.hpp"

#include <qrencode.h>

#include <memory>
#include <stdexcept>

namespace driftstack::mfa_totp {
namespace {

constexpr int kQuietZone = 4;  // modules; ISO/IEC 18004 section 9.1

}  // namespace

std::string qr_svg(const std::string& text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M), &QRcode_free);
  if (!code) throw std::runtime_error("the text does not fit into a QR code");
  const std::string side = std::to_string(code->width + 2 * kQuietZone);
  std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" shape-rendering="crispEdges" viewBox="0 0 )" + side + " " + side + R"(">)";
  svg += R"(<path fill="#fff" d="M0 0h)" + side + "v" + side + R"(H0z"/><path d=")";
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if ((code->data[y * code->width + x] & 1) == 0) continue;  // the lowest bit is the colour
      svg += "M" + std::to_string(x + kQuietZone) + " " + std::to_string(y + kQuietZone) + "h1v1h-1z";
    }
  }
  return svg + R"("/></svg>)";
}

}  // namespace driftstack::mfa_totp
