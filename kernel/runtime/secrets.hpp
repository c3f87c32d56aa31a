#pragma once

#include <array>
#include <memory>
#include <span>

#include "driftstack/host.hpp"
#include "kernel/runtime/digest_root.hpp"
#include "kernel/runtime/master_key.hpp"

namespace driftstack::kernel {

/// Public name of a master key: tells which key an envelope needs, tells nothing about the key.
using KeyId = std::array<std::uint8_t, 8>;
KeyId key_id(const MasterKey& key);

/// Envelopes under keys that HKDF-SHA-256 derives from the master key, digests under keys that it derives from the root of digests, one per
/// use.
///
/// Envelope: version (1 byte) | key id (8) | nonce (12) | ciphertext | tag (16); version and key id are authenticated together with the
/// binding. Older master keys still open what they sealed. [any-thread]
class EnvelopeSecrets final : public Secrets {
 public:
  static constexpr std::size_t kOverhead = 1 + 8 + 12 + 16;

  /// Throws std::runtime_error when OpenSSL lacks the algorithms: nothing can work then.
  explicit EnvelopeSecrets(const MasterKey& active, std::span<const MasterKey> older = {});
  /// The same with a root of digests of its own, which a change of the master key does not touch (see digest_root.hpp).
  EnvelopeSecrets(const MasterKey& active, std::span<const MasterKey> older, const DigestRoot& root);
  ~EnvelopeSecrets();
  EnvelopeSecrets(const EnvelopeSecrets&) = delete;
  EnvelopeSecrets& operator=(const EnvelopeSecrets&) = delete;

  Result<std::string> seal(std::string_view binding, std::string_view plaintext) noexcept override;
  Result<std::string> open(std::string_view binding, std::string_view sealed) noexcept override;
  Digest mac(std::string_view purpose, std::string_view message) noexcept override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace driftstack::kernel
