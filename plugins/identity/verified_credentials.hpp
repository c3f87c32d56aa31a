#pragma once
// Credentials that were checked: the memory that makes every further request cheap.

#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "credential_versions.hpp"
#include "driftstack/principal.hpp"

namespace driftstack::identity {

inline constexpr std::int64_t kUseInterval = 60'000'000;  // identity.md 8.2: last_used_at at most once a minute, in microseconds

/// A use of a key or web session that is to be written to its row.
struct CredentialUse {
  Uuid credential;
  std::int64_t used_at = 0;
};

/// Bounded map from what a token shows at once (`Key`) to what was found out about it (`Value`: has `principal`, `stamp`, `used_at`), in
/// shards with a lock each that is held for one copy. No allocation on a hit. [any-thread]
template <class Key, class Value, class Hash>
class VerifiedCredentials {
 public:
  explicit VerifiedCredentials(std::size_t capacity) : shard_capacity_(std::max<std::size_t>(1, capacity / kShards)) {}

  /// The remembered credential, whether or not it changed since: the caller compares the stamp.
  std::optional<Value> find(const Key& key) const noexcept {
    const Shard& home = shard(key);
    const std::lock_guard lock(home.mutex);
    const auto found = home.entries.find(key);
    if (found == home.entries.end()) return std::nullopt;
    return found->second.value;
  }

  /// Remembers or refreshes; at capacity the longest unused credential of the shard goes.
  void remember(const Key& key, const Value& value) {
    Shard& home = shard(key);
    const std::lock_guard lock(home.mutex);
    const auto found = home.entries.find(key);
    if (found != home.entries.end()) {
      const std::int64_t used_at = std::max(found->second.value.used_at, value.used_at);
      // Two requests may finish in the other order than they read: the later reading stays.
      if (found->second.value.stamp <= value.stamp) found->second.value = value;
      found->second.value.used_at = used_at;
      return;
    }
    if (home.entries.size() >= shard_capacity_) evict_longest_unused(home);
    home.entries.emplace(key, Entry{value, false});
  }

  void forget(const Key& key) noexcept {
    Shard& home = shard(key);
    const std::lock_guard lock(home.mutex);
    home.entries.erase(key);
  }

  /// Notes a use at most once a minute and credential.
  void note_use(const Key& key, std::int64_t now) noexcept {
    Shard& home = shard(key);
    const std::lock_guard lock(home.mutex);
    const auto found = home.entries.find(key);
    if (found == home.entries.end() || now - found->second.value.used_at < kUseInterval) return;
    found->second.value.used_at = now;
    found->second.is_use_unwritten = true;
  }

  /// The noted uses since the last call.
  std::vector<CredentialUse> take_uses() {
    std::vector<CredentialUse> uses;
    for (Shard& home : shards_) {
      const std::lock_guard lock(home.mutex);
      uses.insert(uses.end(), home.evicted_uses.begin(), home.evicted_uses.end());
      home.evicted_uses.clear();
      for (auto& [key, entry] : home.entries) {
        if (!entry.is_use_unwritten) continue;
        uses.push_back(CredentialUse{entry.value.principal.credential, entry.value.used_at});
        entry.is_use_unwritten = false;
      }
    }
    return uses;
  }

  std::size_t size() const {
    std::size_t size = 0;
    for (const Shard& home : shards_) {
      const std::lock_guard lock(home.mutex);
      size += home.entries.size();
    }
    return size;
  }

 private:
  static constexpr std::size_t kShards = 64;  // far more than io threads, so that two rarely meet

  struct Entry {
    Value value;
    bool is_use_unwritten = false;
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<Key, Entry, Hash> entries;
    std::vector<CredentialUse> evicted_uses;
  };

  const Shard& shard(const Key& key) const noexcept { return shards_[Hash{}(key) % kShards]; }
  Shard& shard(const Key& key) noexcept { return shards_[Hash{}(key) % kShards]; }

  static void evict_longest_unused(Shard& shard) {
    const auto oldest = std::min_element(shard.entries.begin(), shard.entries.end(),
                                         [](const auto& a, const auto& b) { return a.second.value.used_at < b.second.value.used_at; });
    const Value& value = oldest->second.value;
    if (oldest->second.is_use_unwritten) shard.evicted_uses.push_back(CredentialUse{value.principal.credential, value.used_at});
    shard.entries.erase(oldest);
  }

  const std::size_t shard_capacity_;
  std::array<Shard, kShards> shards_;
};

}  // namespace driftstack::identity
