#include "kernel/runtime/key_derivation.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace driftstack::kernel {

std::array<std::uint8_t, 32> derive_key(std::span<const std::uint8_t> key, std::string_view info) {
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr), &EVP_KDF_free);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf.get()), &EVP_KDF_CTX_free);
  char digest[] = "SHA256";
  // OpenSSL takes inputs as pointers to non-const and does not write to them.
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::uint8_t*>(key.data()), key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(info.data()), info.size()),
      OSSL_PARAM_construct_end(),
  };
  std::array<std::uint8_t, 32> derived{};
  if (!context || EVP_KDF_derive(context.get(), derived.data(), derived.size(), parameters) != 1)
    throw std::runtime_error("OpenSSL cannot derive keys with HKDF-SHA256");
  return derived;
}

}  // namespace driftstack::kernel
