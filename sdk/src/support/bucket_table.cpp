#include "driftstack/support/bucket_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>

namespace driftstack::rate_limit {

namespace {

std::uint64_t random_word() {
  std::random_device source;
  return (std::uint64_t{source()} << 32) | source();
}

/// Both halves of a 128-bit product: one multiplication that mixes all bits (wyhash uses the same step).
std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::size_t rows_for(std::int64_t buckets, std::size_t spare, std::size_t per_row) {
  return std::bit_ceil((static_cast<std::size_t>(buckets) * spare + per_row - 1) / per_row);
}

}  // namespace

BucketTable::BucketTable(std::int64_t buckets)
    : seed_{random_word() | 1, random_word() | 1},
      row_mask_(rows_for(buckets, kSpare, kPlacesPerRow) - 1),
      places_((row_mask_ + 1) * kPlacesPerRow),
      locks_(std::make_unique<Lock[]>(kLocks)) {}

std::uint64_t BucketTable::hash(const BucketKey& key) const noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, key.subject.bytes().data(), sizeof halves);
  return fold(fold(halves[0] ^ seed_[0], halves[1] ^ seed_[1]) ^ key.bucket, seed_[0] ^ (seed_[1] << 1));
}

Draw BucketTable::draw(const BucketKey& key, std::int64_t cost, std::int64_t now, const Limit& limit) noexcept {
  const std::size_t row = hash(key) & row_mask_;
  Draw result;
  const std::lock_guard lock(locks_[row % kLocks].mutex);
  Place& place = place_of(&places_[row * kPlacesPerRow], key, now, limit, result.displaced);
  result.left = refill(place.level, now, limit);
  result.allowed = result.left >= cost * kGrainsPerToken;
  if (result.allowed) result.left -= cost * kGrainsPerToken;
  place.level.grains = result.left;
  place.level.at = std::max(place.level.at, now);  // another thread may have read the clock later and drawn earlier
  place.full_at = now + time_to_fill(result.left, limit);
  return result;
}

BucketTable::Place& BucketTable::place_of(Place* row, const BucketKey& key, std::int64_t now, const Limit& limit,
                                          bool& displaced) noexcept {
  Place* free = nullptr;
  Place* oldest = row;
  for (Place* place = row; place != row + kPlacesPerRow; ++place) {
    if (place->used && place->bucket == key.bucket && place->subject == key.subject) return *place;
    if (!place->used || place->full_at <= now) {
      if (free == nullptr) free = place;
    } else if (place->level.at < oldest->level.at) {
      oldest = place;
    }
  }
  if (free == nullptr) {
    displaced = true;
    free = oldest;
  }
  free->subject = key.subject;
  free->bucket = key.bucket;
  free->used = true;
  free->level.grains = limit.capacity * kGrainsPerToken;
  free->level.at = now;
  return *free;
}

}  // namespace driftstack::rate_limit
