#include "view/view_token.hpp"

#include "driftstack/support/base64.hpp"
#include "driftstack/support/hex.hpp"
#include "driftstack/support/random_bytes.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::size_t kRandomBytes = 32;
constexpr std::string_view kPurpose = "session-view-token";

}  // namespace

std::string new_view_token() {
  std::array<std::byte, kRandomBytes> bytes;
  fill_random(bytes);
  return "vwt_" + base64url_encode(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::string digest_of_view_token(Secrets& secrets, std::string_view token) {
  const Digest digest = secrets.mac(kPurpose, token);
  return hex_encode(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

}  // namespace driftstack::sessions
