#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/result.hpp"

namespace driftstack::kernel {

/// The key of which all others are derived. Wiped on destruction; has no comparison and no output on purpose.
class MasterKey {
 public:
  static constexpr std::size_t kSize = 32;  // AES-256, HMAC-SHA-256

  explicit MasterKey(std::span<const std::uint8_t, kSize> bytes) noexcept;
  MasterKey(const MasterKey&) noexcept = default;
  MasterKey& operator=(const MasterKey&) noexcept = default;
  ~MasterKey();

  /// Errc::validation_failed unless the text is 32 bytes in base64 (44 characters) or hex (64 characters). The error never repeats the
  /// text.
  static Result<MasterKey> from_text(std::string_view text);
  /// Errc::internal when the system has no randomness.
  static Result<MasterKey> generate();

  std::span<const std::uint8_t, kSize> bytes() const noexcept { return bytes_; }
  std::string to_base64() const;

 private:
  std::array<std::uint8_t, kSize> bytes_;
};

/// The keys that a server works with.
struct MasterKeys {
  MasterKeys(const MasterKey& active, std::span<const MasterKey> older)
      : active(active), older(older.begin(), older.end()), origin(active) {}
  MasterKey active;              ///< seals
  std::vector<MasterKey> older;  ///< open what they sealed; newest first
  MasterKey origin;              ///< the key of which the root of digests was derived, when it has no file yet
  bool changed = false;          ///< the data knows an older key as its own; confirm_master_key() makes it the active one
};

/// The master keys of the data in `data_directory` (which exists, mode 0700).
///
/// With `configured` that key is taken, else `<data>/master.key` (a regular file of this user, mode 0600 or 0400). Only when the directory
/// holds nothing yet is a key made. `<data>/master.key.check` proves that the key, or one of the older ones, is the one that the data was
/// sealed with; it is written when the directory is empty, and its absence beside data is an error, for a wrong key would destroy what it
/// touches. Names in `not_data` (a lock file for example) do not count as data. Every Error names the file and the way out. [main-thread]
Result<MasterKeys> open_master_keys(const std::string& data_directory, const std::optional<MasterKey>& configured,
                                    std::span<const MasterKey> older = {}, std::span<const std::string_view> not_data = {});

/// Ends a change of the master key: from now on the data knows the active key as its own. Call it when everything that stands outside of
/// the database is sealed by the active key; a crash before it repeats the change at the next start. [main-thread]
Result<> confirm_master_key(const std::string& data_directory, const MasterKeys& keys);

}  // namespace driftstack::kernel
