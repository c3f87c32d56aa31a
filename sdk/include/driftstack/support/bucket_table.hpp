/// The levels of many token buckets, in one block of memory of fixed size.
///
/// Purpose: what a rate limiter keeps in its own process. Units: nanoseconds of one steady clock. Thread: any. Errors: only the constructor
/// allocates, and may throw for want of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "driftstack/support/token_bucket.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack::rate_limit {

/// One subject's bucket.
struct BucketKey {
  Uuid subject;
  std::uint32_t bucket = 0;
};

/// Outcome of one draw, in grains.
struct Draw {
  bool allowed = false;
  bool displaced = false;  ///< another bucket, not yet full, was forgotten for this one
  Grains left = 0;
};

/// A set-associative table, as in a processor's cache: a key may stand in any of the places of one row. It never allocates after
/// construction, and a bucket that is full again needs no place, so there is nothing to sweep. When all places of a row hold buckets that
/// are not full, the one that was drawn on the longest ago is forgotten. [any-thread]
class BucketTable {
 public:
  /// `buckets`: how many that are not full should have room at the same time.
  explicit BucketTable(std::int64_t buckets);

  Draw draw(const BucketKey& key, std::int64_t cost, std::int64_t now, const Limit& limit) noexcept;

  std::size_t places() const noexcept { return (row_mask_ + 1) * kPlacesPerRow; }

 private:
  // Twice the room that was asked for: with half of the places taken, 0.4 % of the rows overflow (Poisson, mean 8, more than 16).
  static constexpr std::size_t kPlacesPerRow = 16;
  static constexpr std::size_t kSpare = 2;
  static constexpr std::size_t kLocks = 64;  // far more than threads that draw at the same time

  struct Place {
    Uuid subject;
    std::uint32_t bucket = 0;
    bool used = false;
    std::int64_t full_at = 0;
    Level level;
  };
  struct alignas(64) Lock {  // one cache line each
    std::mutex mutex;
  };

  std::uint64_t hash(const BucketKey& key) const noexcept;
  /// The key's place in its row, made full when it is new.
  static Place& place_of(Place* row, const BucketKey& key, std::int64_t now, const Limit& limit, bool& displaced) noexcept;

  std::uint64_t seed_[2];  // drawn at start, so that nobody outside can choose addresses that share a row
  std::size_t row_mask_;
  std::vector<Place> places_;
  std::unique_ptr<Lock[]> locks_;
};

}  // namespace driftstack::rate_limit
