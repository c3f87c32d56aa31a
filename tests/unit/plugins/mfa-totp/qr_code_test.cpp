#include "plugins/mfa-totp/qr_code.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <utility>

namespace driftstack::mfa_totp {
namespace {

/// The dark modules of the picture.
std::set<std::pair<int, int>> modules_of(const std::string& svg) {
  std::set<std::pair<int, int>> modules;
  for (std::size_t at = svg.find("<path d=\"M") + 8; svg[at + 1] == 'M';) {
    const std::size_t space = svg.find(' ', at);
    const std::size_t end = svg.find("h1v1h-1z", space);
    modules.emplace(std::stoi(svg.substr(at + 2, space - at - 2)), std::stoi(svg.substr(space + 1, end - space - 1)));
    at = end + 7;
  }
  return modules;
}

}  // namespace

TEST_CASE("the picture is a QR code: three finders, a quiet zone, and nothing from elsewhere") {
  const std::string svg = qr_svg("otpauth://totp/Driftstack:you@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Driftstack");
  CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK(svg.find("href") == std::string::npos);
  CHECK(svg.find("<script") == std::string::npos);
  const std::size_t box = svg.find("viewBox=\"0 0 ") + 13;
  const int side = std::stoi(svg.substr(box));
  CHECK((side - 8 - 17) % 4 == 0);  // ISO/IEC 18004: 17 + 4 * version, and four modules around it
  const auto modules = modules_of(svg);
  const int last = side - 5;
  for (const auto& [x, y] : modules) {
    CHECK(x >= 4);
    CHECK(y >= 4);
    CHECK(x <= last);
    CHECK(y <= last);
  }
  for (const auto& [x, y] : {std::pair(4, 4), std::pair(last - 6, 4), std::pair(4, last - 6)}) {
    for (int i = 0; i < 7; ++i) CHECK(modules.contains({x + i, y}));      // the frame
    CHECK_FALSE(modules.contains({x + 1, y + 1}));                        // the gap
    for (int i = 2; i < 5; ++i) CHECK(modules.contains({x + i, y + 3}));  // the heart
  }
}

}  // namespace driftstack::mfa_totp
