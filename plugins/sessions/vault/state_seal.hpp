#pragma once
// One state as one sealed file: zstd, then libsodium's secretstream (XChaCha20-Poly1305). Pure work on descriptors; blocks. [worker]
//
//     "DSSEAL1\n" | revision (8, little-endian) | bytes of the archive (8) | secretstream header (24) | chunks
//     chunk: at most kChunkBytes of zstd output and 17 bytes of secretstream; the last one carries its final tag
//
// Every chunk is authenticated together with the head and with where the state belongs (account, profile), so a file that was cut, changed,
// or moved to another profile or revision does not open, and nothing is decompressed that was not authenticated before. The archive comes
// out complete or not at all, and is parsed only then; more than the head says is never unpacked, however well it compressed.

#include <array>
#include <cstdint>
#include <string>

#include "driftstack/result.hpp"
#include "driftstack/support/memory_file.hpp"

namespace driftstack::sessions {

/// A symmetric key that wipes itself.
class StateKey {
 public:
  static constexpr std::size_t kSize = 32;
  static StateKey random();
  /// Nothing for text of another length.
  static Result<StateKey> from_bytes(std::string_view bytes);

  StateKey(StateKey&& other) noexcept;
  StateKey& operator=(StateKey&& other) noexcept;
  StateKey(const StateKey&) = delete;
  StateKey& operator=(const StateKey&) = delete;
  ~StateKey();

  const unsigned char* bytes() const noexcept { return bytes_.data(); }
  std::string_view view() const noexcept { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

 private:
  StateKey() = default;
  std::array<unsigned char, kSize> bytes_{};
};

/// The key of a profile, readable only with the key of its account and only for this place. Errc::internal when it does not open.
std::string wrap_key(const StateKey& wrapping, const std::string& place, const StateKey& key);
Result<StateKey> unwrap_key(const StateKey& wrapping, const std::string& place, std::string_view wrapped);

/// Where a sealed state belongs.
struct SealPlace {
  SealPlace(std::string place, std::int64_t revision) : place(std::move(place)), revision(revision) {}
  std::string place;  ///< account and profile
  std::int64_t revision;
};

/// Writes to a fresh file. Errors: internal (compression, disk).
Result<> seal_state(const StateKey& key, const SealPlace& place, const MemoryFile& archive, int output);
/// Reads a file back. Errc::internal when it is not exactly what was sealed for this place.
Result<MemoryFile> unseal_state(const StateKey& key, const SealPlace& place, int input);

}  // namespace driftstack::sessions
