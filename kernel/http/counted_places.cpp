#include "kernel/http/counted_places.hpp"

#include <algorithm>

namespace driftstack::kernel {

std::variant<CountedPlaces::Place, CountedPlaces::Refusal> CountedPlaces::take(const std::optional<Uuid>& key, std::size_t most,
                                                                               std::size_t most_per_key) {
  const std::lock_guard lock(mutex_);
  if (total_ >= most) return Refusal::total;
  if (key) {
    std::size_t& held = by_key_[*key];
    if (held >= most_per_key) {
      if (held == 0) by_key_.erase(*key);
      return Refusal::key;
    }
    ++held;
  }
  ++total_;
  return Place(*this, key);
}

std::size_t CountedPlaces::taken() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

bool CountedPlaces::wait_until_empty(std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock(mutex_);
  return empty_.wait_until(lock, deadline, [this] { return total_ == 0; });
}

void CountedPlaces::give_back(const std::optional<Uuid>& key) noexcept {
  const std::lock_guard lock(mutex_);
  if (--total_ == 0) empty_.notify_all();
  if (!key) return;
  const auto found = by_key_.find(*key);
  if (--found->second == 0) by_key_.erase(found);
}

Uuid address_key(const PeerAddress& peer) noexcept {
  Uuid::Bytes bytes = peer.bytes;
  const bool mapped =
      std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; }) && bytes[10] == 0xFF && bytes[11] == 0xFF;
  if (!mapped) std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return Uuid(bytes);
}

}  // namespace driftstack::kernel
