#pragma once
// Why digests have a root of their own: API keys are found by their digest and the audit log is chained with digests, none of which can be
// made again under another key. So the root outlives the master key: it is kept sealed by it, and sealed anew when the master key changes.

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "driftstack/result.hpp"
#include "kernel/runtime/master_key.hpp"

namespace driftstack::kernel {

/// The key of which the keys of all digests (`Secrets::mac`) are derived. Wiped on destruction.
class DigestRoot {
 public:
  static constexpr std::size_t kSize = 32;

  /// The root of a server that never changed its master key: derived from it, so that servers with one master key agree without a word.
  static DigestRoot of(const MasterKey& key);
  explicit DigestRoot(std::span<const std::uint8_t, kSize> bytes) noexcept;
  DigestRoot(const DigestRoot&) noexcept = default;
  DigestRoot& operator=(const DigestRoot&) noexcept = default;
  ~DigestRoot();

  std::span<const std::uint8_t, kSize> bytes() const noexcept { return bytes_; }

 private:
  std::array<std::uint8_t, kSize> bytes_;
};

/// The root of the data in `data_directory`, kept in `digest.root`; made of `keys.origin` when there is none yet, and sealed anew under the
/// active key when an older one sealed it. Errors name the file and the way out. [main-thread]
Result<DigestRoot> open_digest_root(const std::string& data_directory, const MasterKeys& keys);

}  // namespace driftstack::kernel
