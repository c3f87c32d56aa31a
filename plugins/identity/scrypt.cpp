#include "scrypt.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <vector>

#include "driftstack/support/base64.hpp"

namespace driftstack::identity {
namespace {

constexpr std::string_view kName = "scrypt";
constexpr std::size_t kParts = 6;  // name, log_n, r, p, salt, key

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t dollar = 0; dollar != std::string_view::npos && parts.size() <= kParts;) {
    dollar = text.find('$');
    parts.push_back(text.substr(0, dollar));
    if (dollar != std::string_view::npos) text.remove_prefix(dollar + 1);
  }
  return parts;
}

bool read_number(std::string_view text, std::uint32_t& out) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  return read.ec == std::errc() && read.ptr == end;
}

template <std::size_t N>
bool read_bytes(std::string_view text, std::array<std::uint8_t, N>& out) {
  const auto bytes = base64url_decode(text);
  if (!bytes || bytes->size() != N) return false;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return true;
}

struct FreeContext {
  void operator()(EVP_KDF_CTX* context) const noexcept { EVP_KDF_CTX_free(context); }
};

}  // namespace

std::string StoredHash::to_text() const {
  std::string text(kName);
  for (const std::uint32_t number : {cost.log_n, cost.r, cost.p}) text += "$" + std::to_string(number);
  return text + "$" + base64url_encode(as_text(salt)) + "$" + base64url_encode(as_text(key));
}

std::optional<StoredHash> StoredHash::from_text(std::string_view text) {
  const auto parts = split(text);
  StoredHash hash;
  if (parts.size() != kParts || parts[0] != kName) return std::nullopt;
  if (!read_number(parts[1], hash.cost.log_n) || !read_number(parts[2], hash.cost.r) || !read_number(parts[3], hash.cost.p))
    return std::nullopt;
  if (!hash.cost.is_within_bounds() || !read_bytes(parts[4], hash.salt) || !read_bytes(parts[5], hash.key)) return std::nullopt;
  return hash;
}

void Scrypt::Free::operator()(evp_kdf_st* kdf) const noexcept { EVP_KDF_free(kdf); }

Scrypt::Scrypt() : kdf_(EVP_KDF_fetch(nullptr, "SCRYPT", nullptr)) {
  if (!kdf_) throw std::bad_alloc();
}

Result<DerivedKey> Scrypt::derive(std::string_view secret, const Salt& salt, const ScryptCost& cost) const {
  if (!cost.is_within_bounds()) return Error(Errc::internal, "The cost of a stored key hash is out of bounds.");
  const std::unique_ptr<EVP_KDF_CTX, FreeContext> context(EVP_KDF_CTX_new(kdf_.get()));
  if (!context) return Error(Errc::internal, "The key hash has no memory.");
  std::uint64_t n = std::uint64_t{1} << cost.log_n;
  std::uint32_t r = cost.r;
  std::uint32_t p = cost.p;
  // OpenSSL counts its working blocks too, so allow twice the table.
  std::uint64_t memory = 2 * 128 * std::uint64_t{r} * n;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, const_cast<char*>(secret.data()), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, const_cast<std::uint8_t*>(salt.data()), salt.size()),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
      OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
      OSSL_PARAM_construct_end(),
  };
  DerivedKey key{};
  if (EVP_KDF_derive(context.get(), key.data(), key.size(), parameters) != 1) return Error(Errc::internal, "The key hash failed.");
  return key;
}

}  // namespace driftstack::identity
