#pragma once
// Keys whose secret was checked with scrypt: the memory that makes every further request cheap.

#include <array>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api_key.hpp"
#include "credential_versions.hpp"
#include "driftstack/host.hpp"
#include "driftstack/principal.hpp"
#include "scrypt.hpp"

namespace driftstack::identity {

/// What is remembered of one key. Trivially copyable; a hit copies it out of the map.
struct VerifiedKey {
  Digest gate{};      ///< keyed digest of the whole token: equal gates are equal tokens
  DerivedKey hash{};  ///< the stored hash that the token was checked against
  Principal principal;
  std::int64_t expires_at = 0;  ///< unix microseconds, the largest value for "never"
  ChangeStamp stamp = 0;        ///< taken before the row was read
  std::int64_t used_at = 0;     ///< unix microseconds of the last noted use
};

/// A use of a key that is to be written to its row.
struct KeyUse {
  Uuid key;
  std::int64_t used_at = 0;
};

/// Bounded map from key prefix to verified key, in shards with a lock each that is held for one copy. No allocation on a hit. [any-thread]
class VerifiedKeys {
 public:
  explicit VerifiedKeys(std::size_t capacity);

  /// The remembered key, whether or not it changed since: the caller compares the stamp.
  std::optional<VerifiedKey> find(const KeyPrefix& prefix) const noexcept;
  /// Remembers or refreshes; at capacity the longest unused key of the shard goes.
  void remember(const KeyPrefix& prefix, const VerifiedKey& key);
  void forget(const KeyPrefix& prefix) noexcept;

  /// Notes a use at most once a minute and key.
  void note_use(const KeyPrefix& prefix, std::int64_t now) noexcept;
  /// The noted uses since the last call.
  std::vector<KeyUse> take_uses();

  std::size_t size() const;

 private:
  static constexpr std::size_t kShards = 64;  // far more than io threads, so that two rarely meet

  struct HashPrefix {
    /// The six random characters of a prefix, which nobody but us chose for a key that verified.
    std::size_t operator()(const KeyPrefix& prefix) const noexcept {
      std::uint64_t tail = 0;
      std::memcpy(&tail, prefix.data() + kPrefixSize - sizeof tail, sizeof tail);
      return static_cast<std::size_t>((tail * 0x9E3779B97F4A7C15U) >> 16);  // odd constant: 2^64 / golden ratio
    }
  };
  struct Entry {
    VerifiedKey key;
    bool is_use_unwritten = false;
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<KeyPrefix, Entry, HashPrefix> keys;
    std::vector<KeyUse> evicted_uses;
  };

  const Shard& shard(const KeyPrefix& prefix) const noexcept { return shards_[HashPrefix{}(prefix) % kShards]; }
  Shard& shard(const KeyPrefix& prefix) noexcept { return shards_[HashPrefix{}(prefix) % kShards]; }
  static void evict_longest_unused(Shard& shard);

  const std::size_t shard_capacity_;
  std::array<Shard, kShards> shards_;
};

inline constexpr std::int64_t kUseInterval = 60'000'000;  // identity.md 8.2: last_used_at at most once a minute, in microseconds

}  // namespace driftstack::identity
