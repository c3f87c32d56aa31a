#include "verified_keys.hpp"

#include <algorithm>

namespace driftstack::identity {

VerifiedKeys::VerifiedKeys(std::size_t capacity) : shard_capacity_(std::max<std::size_t>(1, capacity / kShards)) {}

std::optional<VerifiedKey> VerifiedKeys::find(const KeyPrefix& prefix) const noexcept {
  const Shard& home = shard(prefix);
  const std::lock_guard lock(home.mutex);
  const auto found = home.keys.find(prefix);
  if (found == home.keys.end()) return std::nullopt;
  return found->second.key;
}

void VerifiedKeys::remember(const KeyPrefix& prefix, const VerifiedKey& key) {
  Shard& home = shard(prefix);
  const std::lock_guard lock(home.mutex);
  const auto found = home.keys.find(prefix);
  if (found != home.keys.end()) {
    const std::int64_t used_at = std::max(found->second.key.used_at, key.used_at);
    // Two requests may finish in the other order than they read: the later reading stays.
    if (found->second.key.stamp <= key.stamp) found->second.key = key;
    found->second.key.used_at = used_at;
    return;
  }
  if (home.keys.size() >= shard_capacity_) evict_longest_unused(home);
  home.keys.emplace(prefix, Entry{key, false});
}

void VerifiedKeys::forget(const KeyPrefix& prefix) noexcept {
  Shard& home = shard(prefix);
  const std::lock_guard lock(home.mutex);
  home.keys.erase(prefix);
}

void VerifiedKeys::note_use(const KeyPrefix& prefix, std::int64_t now) noexcept {
  Shard& home = shard(prefix);
  const std::lock_guard lock(home.mutex);
  const auto found = home.keys.find(prefix);
  if (found == home.keys.end() || now - found->second.key.used_at < kUseInterval) return;
  found->second.key.used_at = now;
  found->second.is_use_unwritten = true;
}

std::vector<KeyUse> VerifiedKeys::take_uses() {
  std::vector<KeyUse> uses;
  for (Shard& home : shards_) {
    const std::lock_guard lock(home.mutex);
    uses.insert(uses.end(), home.evicted_uses.begin(), home.evicted_uses.end());
    home.evicted_uses.clear();
    for (auto& [prefix, entry] : home.keys) {
      if (!entry.is_use_unwritten) continue;
      uses.push_back(KeyUse{entry.key.principal.credential, entry.key.used_at});
      entry.is_use_unwritten = false;
    }
  }
  return uses;
}

std::size_t VerifiedKeys::size() const {
  std::size_t size = 0;
  for (const Shard& home : shards_) {
    const std::lock_guard lock(home.mutex);
    size += home.keys.size();
  }
  return size;
}

void VerifiedKeys::evict_longest_unused(Shard& shard) {
  const auto oldest = std::min_element(shard.keys.begin(), shard.keys.end(),
                                       [](const auto& a, const auto& b) { return a.second.key.used_at < b.second.key.used_at; });
  if (oldest->second.is_use_unwritten)
    shard.evicted_uses.push_back(KeyUse{oldest->second.key.principal.credential, oldest->second.key.used_at});
  shard.keys.erase(oldest);
}

}  // namespace driftstack::identity
