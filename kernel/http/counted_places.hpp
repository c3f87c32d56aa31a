#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>

#include "driftstack/uuid.hpp"
#include "kernel/pipeline/exchange.hpp"

namespace driftstack::kernel {

/// Counts holders in total and per key, up to two caps. [any-thread]
class CountedPlaces {
 public:
  enum class Refusal : std::uint8_t { total, key };

  /// One place; given back on destruction. Must not outlive the CountedPlaces.
  class Place {
   public:
    Place(CountedPlaces& owner, const std::optional<Uuid>& key) noexcept : owner_(&owner), key_(key) {}
    Place(Place&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), key_(other.key_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (owner_ != nullptr) owner_->give_back(key_);
    }

   private:
    CountedPlaces* owner_;
    std::optional<Uuid> key_;
  };

  /// A place, or why there is none. Without a key only the total counts.
  std::variant<Place, Refusal> take(const std::optional<Uuid>& key, std::size_t most, std::size_t most_per_key);
  std::size_t taken() const;
  /// Waits until no place is taken; false when the deadline came first. Blocks.
  bool wait_until_empty(std::chrono::steady_clock::time_point deadline) const;

 private:
  void give_back(const std::optional<Uuid>& key) noexcept;

  mutable std::mutex mutex_;
  mutable std::condition_variable empty_;
  std::map<Uuid, std::size_t> by_key_;  // bounded by the total
  std::size_t total_ = 0;
};

/// The key of an address in caps: IPv4 whole, IPv6 by its /64, as one customer usually holds that many addresses.
Uuid address_key(const PeerAddress& peer) noexcept;

}  // namespace driftstack::kernel
