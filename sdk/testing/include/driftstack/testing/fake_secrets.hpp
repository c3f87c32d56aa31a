#pragma once
// The secrets envelope without cryptography.

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "driftstack/host.hpp"

namespace driftstack::testing {

/// Keeps the promises that code can test: sealing twice gives two texts, opening needs the same binding and an unchanged text, the
/// plaintext does not show, a mac depends on purpose and message and is the same in every run. Secret to nobody. [any-thread]
class FakeSecrets final : public Secrets {
 public:
  Result<std::string> seal(std::string_view binding, std::string_view plaintext) noexcept override;
  Result<std::string> open(std::string_view binding, std::string_view sealed) noexcept override;
  Digest mac(std::string_view purpose, std::string_view message) noexcept override;

 private:
  std::atomic<std::uint64_t> next_nonce_{1};
};

}  // namespace driftstack::testing
