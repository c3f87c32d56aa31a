#pragma once
// The picture that an authenticator app reads.

#include <string>

namespace driftstack::mfa_totp {

/// A QR code (ISO/IEC 18004, error correction M) as an SVG document, black on white with the quiet zone around it.
std::string qr_svg(const std::string& text);

}  // namespace driftstack::mfa_totp
