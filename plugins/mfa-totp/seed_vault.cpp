#include "seed_vault.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/hex.hpp"
#include "driftstack/support/random_bytes.hpp"
#include "driftstack/support/secret_text.hpp"

namespace driftstack::mfa_totp {
namespace {

constexpr std::string_view kServerKey = "server";      // the id of the server's envelope
constexpr std::size_t kNonceSize = 12, kTagSize = 16;  // identity.md 1.4
constexpr std::size_t kIdBytes = 8;                    // tells a handful of keys apart
constexpr std::string_view kIdPurpose = "driftstack mfa-totp key id:";

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
using KeyBytes = std::array<std::uint8_t, 32>;

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text, std::size_t at) { return reinterpret_cast<unsigned char*>(text.data()) + at; }

std::string binding_of(const Uuid& account) { return "mfa-totp.seed:" + account.to_text(); }

std::string id_of(const KeyBytes& key) {
  std::string input(kIdPurpose);
  input.append(reinterpret_cast<const char*>(key.data()), key.size());
  std::array<unsigned char, 32> digest{};
  const int made = EVP_Q_digest(nullptr, "SHA256", nullptr, input.data(), input.size(), digest.data(), nullptr);
  wipe(input.data(), input.size());
  if (made != 1) std::abort();  // no SHA-256 in the library
  return hex_encode(std::string_view(reinterpret_cast<const char*>(digest.data()), kIdBytes));
}

/// Nonce, ciphertext, tag.
std::optional<std::string> encrypt(const KeyBytes& key, std::string_view binding, std::string_view plaintext) {
  std::string out(kNonceSize + plaintext.size() + kTagSize, '\0');
  fill_random(std::as_writable_bytes(std::span(out.data(), kNonceSize)));
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  if (!context || EVP_EncryptInit_ex2(context.get(), EVP_aes_256_gcm(), key.data(), bytes(out, 0), nullptr) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &size, bytes(binding), static_cast<int>(binding.size())) != 1 ||
      EVP_EncryptUpdate(context.get(), bytes(out, kNonceSize), &size, bytes(plaintext), static_cast<int>(plaintext.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), bytes(out, kNonceSize + plaintext.size()), &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, bytes(out, kNonceSize + plaintext.size())) != 1) {
    return std::nullopt;
  }
  return out;
}

std::optional<std::string> decrypt(const KeyBytes& key, std::string_view binding, std::string sealed) {
  if (sealed.size() < kNonceSize + kTagSize) return std::nullopt;
  const std::size_t length = sealed.size() - kNonceSize - kTagSize;
  std::string out(length, '\0');
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  if (!context || EVP_DecryptInit_ex2(context.get(), EVP_aes_256_gcm(), key.data(), bytes(sealed, 0), nullptr) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, bytes(sealed, kNonceSize + length)) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &size, bytes(binding), static_cast<int>(binding.size())) != 1 ||
      EVP_DecryptUpdate(context.get(), bytes(out, 0), &size, bytes(sealed, kNonceSize), static_cast<int>(length)) != 1 ||
      EVP_DecryptFinal_ex(context.get(), bytes(out, length), &size) != 1) {
    return std::nullopt;
  }
  return out;
}

Error unreadable() { return Error(Errc::internal, "The stored seed of a second factor cannot be opened."); }

}  // namespace

SeedVault::~SeedVault() {
  for (Key& key : keys_) wipe(key.bytes.data(), key.bytes.size());
}

Result<> SeedVault::add_key(std::string_view base64) {
  auto decoded = base64_decode(base64);
  Key key;
  const bool fits = decoded && decoded->size() == key.bytes.size();
  if (fits) std::copy(decoded->begin(), decoded->end(), key.bytes.begin());
  if (decoded) wipe(decoded->data(), decoded->size());
  if (!fits) {
    return Error(Errc::validation_failed,
                 "plugins.mfa-totp.encryption_key (or the environment variable MFA_ENCRYPTION_KEY) must be 32 bytes in base64; "
                 "make one with: openssl rand -base64 32");
  }
  key.id = id_of(key.bytes);
  const auto probe = encrypt(key.bytes, "probe", "probe");
  if (!probe || decrypt(key.bytes, "probe", *probe) != "probe") return Error(Errc::internal, "AES-256-GCM does not work on this machine.");
  keys_.push_back(std::move(key));
  return Done();
}

bool SeedVault::knows(std::string_view key_id) const noexcept {
  return key_id == kServerKey || std::any_of(keys_.begin(), keys_.end(), [&](const Key& key) { return key.id == key_id; });
}

Result<SealedSeed> SeedVault::seal(const Uuid& account, const Seed& seed) const {
  SealedSeed sealed;
  if (keys_.empty()) {
    auto envelope = secrets_.seal(binding_of(account), seed.bytes());
    if (!envelope) return std::move(envelope).error();
    sealed.key_id = kServerKey;
    sealed.text = base64url_encode(*envelope);
    return sealed;
  }
  const auto text = encrypt(keys_.front().bytes, binding_of(account), seed.bytes());
  if (!text) return Error(Errc::internal, "The seed of a second factor cannot be sealed.");
  sealed.key_id = keys_.front().id;
  sealed.text = base64url_encode(*text);
  return sealed;
}

Result<Seed> SeedVault::open(const Uuid& account, const SealedSeed& sealed) const {
  auto text = base64url_decode(sealed.text);
  if (!text) return unreadable();
  std::optional<std::string> opened;
  if (sealed.key_id == kServerKey) {
    auto envelope = secrets_.open(binding_of(account), *text);
    if (!envelope) return std::move(envelope).error();
    opened = *std::move(envelope);
  }
  for (const Key& key : keys_) {
    if (key.id == sealed.key_id) opened = decrypt(key.bytes, binding_of(account), *text);
  }
  if (!opened) return unreadable();
  const auto seed = Seed::from_bytes(*opened);
  wipe(opened->data(), opened->size());
  if (!seed) return unreadable();
  return *seed;
}

}  // namespace driftstack::mfa_totp
