#pragma once
// Tells in a few nanoseconds whether anything about a key or its account changed since a moment.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

#include "driftstack/uuid.hpp"

namespace driftstack::identity {

/// A moment in the order of changes.
using ChangeStamp = std::uint64_t;

/// A counter of all changes and, per slot of ids, the number of the last change. Two ids in one slot share their changes, which costs a
/// look into the database and nothing else. All [any-thread], lock-free.
///
/// Who reads a row takes `now()` first; who changes a row calls `moved()` after the commit and before the answer. Then `unchanged_since` is
/// never true for a row that is older than an answered change.
class CredentialVersions {
 public:
  ChangeStamp now() const noexcept { return clock_.load(std::memory_order_acquire); }

  bool unchanged_since(ChangeStamp stamp, const Uuid& id) const noexcept { return slot(id).load(std::memory_order_acquire) <= stamp; }

  void moved(const Uuid& id) noexcept {
    const ChangeStamp change = clock_.fetch_add(1, std::memory_order_acq_rel) + 1;
    auto& last = slot(id);
    for (ChangeStamp seen = last.load(std::memory_order_relaxed); seen < change;) {
      if (last.compare_exchange_weak(seen, change, std::memory_order_acq_rel)) return;
    }
  }

  /// Until when changes made by other processes are known to have arrived here. Before the first call never.
  bool is_current(std::chrono::steady_clock::time_point when) const noexcept {
    return when.time_since_epoch().count() < current_until_.load(std::memory_order_acquire);
  }
  void set_current_until(std::chrono::steady_clock::time_point when) noexcept {
    current_until_.store(when.time_since_epoch().count(), std::memory_order_release);
  }

 private:
  static constexpr std::size_t kSlots = 4096;  // 32 KiB; with 100 changed ids 2 % of the others look again

  const std::atomic<ChangeStamp>& slot(const Uuid& id) const noexcept { return slots_[std::hash<Uuid>{}(id) % kSlots]; }
  std::atomic<ChangeStamp>& slot(const Uuid& id) noexcept { return slots_[std::hash<Uuid>{}(id) % kSlots]; }

  std::atomic<ChangeStamp> clock_{0};
  std::atomic<std::chrono::steady_clock::rep> current_until_{std::chrono::steady_clock::time_point::min().time_since_epoch().count()};
  std::array<std::atomic<ChangeStamp>, kSlots> slots_{};
};

}  // namespace driftstack::identity
