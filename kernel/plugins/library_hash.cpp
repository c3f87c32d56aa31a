#include "kernel/plugins/library_hash.hpp"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <system_error>
#include <vector>

namespace driftstack::kernel {
namespace {

// One read per MiB keeps the calls few; a library has 1 to 20 of them.
constexpr std::size_t kChunk = std::size_t{1} << 20;

std::string hex(const std::array<unsigned char, EVP_MAX_MD_SIZE>& digest, unsigned size) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += kHex[digest[i] >> 4];
    out += kHex[digest[i] & 0x0f];
  }
  return out;
}

}  // namespace

Result<std::string> library_hash(const Descriptor& file) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (context == nullptr || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1)
    return Error(Errc::internal, "no SHA-256 in OpenSSL");
  std::vector<char> buffer(kChunk);
  off_t offset = 0;
  while (true) {
    const ssize_t count = ::pread(file.get(), buffer.data(), buffer.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error(Errc::unavailable, "cannot be read: " + std::generic_category().message(errno));
    if (count == 0) break;
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(count));
    offset += count;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  return hex(digest, size);
}

}  // namespace driftstack::kernel
