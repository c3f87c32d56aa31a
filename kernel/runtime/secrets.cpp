#include "kernel/runtime/secrets.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernel/runtime/key_derivation.hpp"

namespace driftstack::kernel {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kNonceSize = 12;  // NIST SP 800-38D, 8.2
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kHeadSize = 1 + std::tuple_size_v<KeyId>;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;

unsigned char* bytes(std::string& text, std::size_t at = 0) { return reinterpret_cast<unsigned char*>(text.data()) + at; }
const unsigned char* bytes(std::string_view text, std::size_t at = 0) { return reinterpret_cast<const unsigned char*>(text.data()) + at; }

struct SealingKey {
  KeyId id;
  std::array<std::uint8_t, 32> key;
};

// EVP takes int lengths; an envelope beyond this is a mistake of the caller anyway.
constexpr std::size_t kLargestText = std::size_t{1} << 30;

// One message with its additional data, in the mode that the context was set to.
bool run_cipher(EVP_CIPHER_CTX* context, std::string_view head, std::string_view binding, std::string_view input, std::string& out,
                std::size_t at) {
  int size = 0;
  const auto add = [&](std::string_view text) {
    return text.empty() || EVP_CipherUpdate(context, nullptr, &size, bytes(text), static_cast<int>(text.size())) == 1;
  };
  if (!add(head) || !add(binding)) return false;
  return input.empty() || EVP_CipherUpdate(context, bytes(out, at), &size, bytes(input), static_cast<int>(input.size())) == 1;
}

}  // namespace

KeyId key_id(const MasterKey& key) {
  const auto derived = derive_key(key.bytes(), "driftstack key id");
  KeyId id;
  std::copy_n(derived.begin(), id.size(), id.begin());
  return id;
}

struct EnvelopeSecrets::State {
  ~State() {
    for (auto& key : sealing) OPENSSL_cleanse(key.key.data(), key.key.size());
    OPENSSL_cleanse(mac_root.data(), mac_root.size());
  }

  const SealingKey* find(std::string_view id) const noexcept {
    for (const auto& key : sealing)
      if (std::memcmp(key.id.data(), id.data(), key.id.size()) == 0) return &key;
    return nullptr;
  }

  // A keyed context per thread and purpose: keying anew for every digest would cost five times as much as the digest.
  EVP_MAC_CTX* mac_context(std::string_view purpose) {
    struct Kept {
      std::uint64_t owner;
      std::string purpose;
      MacContext context;
    };
    thread_local std::vector<Kept> kept;
    for (auto& entry : kept)
      if (entry.owner == serial && entry.purpose == purpose) return entry.context.get();
    auto key = derive_key(mac_root, "mac " + std::string(purpose));
    MacContext context(EVP_MAC_CTX_new(mac), &EVP_MAC_CTX_free);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
    const bool keyed = context && EVP_MAC_init(context.get(), key.data(), key.size(), parameters) == 1;
    OPENSSL_cleanse(key.data(), key.size());
    if (!keyed) throw std::runtime_error("OpenSSL cannot make HMAC-SHA256 contexts");
    kept.push_back(Kept{serial, std::string(purpose), std::move(context)});
    return kept.back().context.get();
  }

  static std::uint64_t next_serial() {
    static std::atomic<std::uint64_t> next{1};
    return next.fetch_add(1, std::memory_order_relaxed);
  }

  const std::uint64_t serial = next_serial();  ///< never reused, so that contexts of an object that is gone are never taken for ours
  std::vector<SealingKey> sealing;             ///< the active key first
  std::array<std::uint8_t, 32> mac_root{};
  EVP_CIPHER* cipher = nullptr;
  EVP_MAC* mac = nullptr;
};

EnvelopeSecrets::EnvelopeSecrets(const MasterKey& active, std::span<const MasterKey> older)
    : EnvelopeSecrets(active, older, DigestRoot::of(active)) {}

EnvelopeSecrets::EnvelopeSecrets(const MasterKey& active, std::span<const MasterKey> older, const DigestRoot& root)
    : state_(std::make_unique<State>()) {
  const auto add = [&](const MasterKey& key) { state_->sealing.push_back({key_id(key), derive_key(key.bytes(), "driftstack envelope")}); };
  add(active);
  for (const auto& key : older) add(key);
  std::copy(root.bytes().begin(), root.bytes().end(), state_->mac_root.begin());
  state_->cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  state_->mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  if (state_->cipher == nullptr || state_->mac == nullptr) throw std::runtime_error("OpenSSL lacks AES-256-GCM or HMAC");
}

EnvelopeSecrets::~EnvelopeSecrets() {
  EVP_CIPHER_free(state_->cipher);
  EVP_MAC_free(state_->mac);
}

Result<std::string> EnvelopeSecrets::seal(std::string_view binding, std::string_view plaintext) noexcept try {
  if (plaintext.size() > kLargestText) return Error(Errc::misuse, "a text to seal must be smaller than 1 GiB");
  const SealingKey& key = state_->sealing.front();
  std::string sealed(kOverhead + plaintext.size(), '\0');
  sealed[0] = kVersion;
  std::memcpy(&sealed[1], key.id.data(), key.id.size());
  const CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  const bool done =
      context && RAND_bytes(bytes(sealed, kHeadSize), kNonceSize) == 1 &&
      EVP_EncryptInit_ex2(context.get(), state_->cipher, key.key.data(), bytes(sealed, kHeadSize), nullptr) == 1 &&
      run_cipher(context.get(), std::string_view(sealed).substr(0, kHeadSize), binding, plaintext, sealed, kHeadSize + kNonceSize) &&
      EVP_EncryptFinal_ex(context.get(), bytes(sealed, sealed.size() - kTagSize), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, bytes(sealed, sealed.size() - kTagSize)) == 1;
  if (!done) return Error(Errc::internal, "sealing failed");
  return sealed;
} catch (const std::exception& error) {
  return Error(Errc::internal, error.what());
}

Result<std::string> EnvelopeSecrets::open(std::string_view binding, std::string_view sealed) noexcept try {
  if (sealed.size() < kOverhead || sealed.size() > kLargestText || sealed[0] != kVersion)
    return Error(Errc::internal, "a sealed text has no known form");
  const SealingKey* key = state_->find(sealed.substr(1));
  if (key == nullptr) return Error(Errc::internal, "a text was sealed under a master key that this server does not have");
  std::string plain(sealed.size() - kOverhead, '\0');
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  const CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int size = 0;
  const bool done =
      context && EVP_DecryptInit_ex2(context.get(), state_->cipher, key->key.data(), bytes(sealed, kHeadSize), nullptr) == 1 &&
      run_cipher(context.get(), sealed.substr(0, kHeadSize), binding, sealed.substr(kHeadSize + kNonceSize, plain.size()), plain, 0) &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes(tag), &size) == 1;
  if (!done) return Error(Errc::internal, "a sealed text was changed, or belongs to another place");
  return plain;
} catch (const std::exception& error) {
  return Error(Errc::internal, error.what());
}

Digest EnvelopeSecrets::mac(std::string_view purpose, std::string_view message) noexcept {
  // Failing here means that memory or the algorithm is gone; there is no digest that could be returned instead, so noexcept ends the
  // process.
  EVP_MAC_CTX* context = state_->mac_context(purpose);
  Digest digest{};
  std::size_t size = 0;
  if (EVP_MAC_init(context, nullptr, 0, nullptr) != 1 || EVP_MAC_update(context, bytes(message), message.size()) != 1 ||
      EVP_MAC_final(context, digest.data(), &size, digest.size()) != 1)
    std::terminate();
  return digest;
}

}  // namespace driftstack::kernel
