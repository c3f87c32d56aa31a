#include "kernel/runtime/deadline_wheel.hpp"

#include <algorithm>
#include <bit>

namespace driftstack::kernel {

DeadlineWheel::~DeadlineWheel() {
  for (DeadlineLink& slot : slots_)
    while (slot.next != &slot) clear(static_cast<Deadline&>(*slot.next));
}

std::uint64_t DeadlineWheel::tick_of(Clock::time_point when) const noexcept {
  if (when <= start_) return 0;
  const auto nanos = static_cast<std::uint64_t>((when - start_).count());
  const auto tick = static_cast<std::uint64_t>(std::chrono::nanoseconds(kTick).count());
  return nanos / tick + (nanos % tick != 0);  // rounded up: never early
}

void DeadlineWheel::set(Deadline& deadline, Clock::time_point when) noexcept {
  deadline.when_ = when;
  deadline.armed_ = true;
  const std::uint64_t tick = std::max(tick_of(when), current_ + 1);
  if (deadline.linked_) {
    if (deadline.tick_ <= tick) return;
    unlink(deadline);
  }
  link(deadline, tick);
}

void DeadlineWheel::clear(Deadline& deadline) noexcept {
  deadline.armed_ = false;
  if (deadline.linked_) unlink(deadline);
}

void DeadlineWheel::link(Deadline& deadline, std::uint64_t tick) noexcept {
  const std::size_t slot = tick % kSlots;
  DeadlineLink& head = slots_[slot];
  deadline.tick_ = tick;
  deadline.previous = &head;
  deadline.next = head.next;
  head.next->previous = &deadline;
  head.next = &deadline;
  deadline.linked_ = true;
  occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
}

void DeadlineWheel::unlink(Deadline& deadline) noexcept {
  deadline.previous->next = deadline.next;
  deadline.next->previous = deadline.previous;
  deadline.linked_ = false;
  const std::size_t slot = deadline.tick_ % kSlots;
  if (slots_[slot].next == &slots_[slot]) occupied_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
}

void DeadlineWheel::visit(std::size_t slot, Clock::time_point now) noexcept {
  // What is due moves to a ring of its own first: firing may set deadlines anew or clear others, and both work on any ring.
  const std::uint64_t visited = current_;
  DeadlineLink due;
  for (DeadlineLink* at = slots_[slot].next; at != &slots_[slot];) {
    auto& deadline = static_cast<Deadline&>(*at);
    at = at->next;
    if (deadline.tick_ > visited) continue;  // a later turn of the wheel
    unlink(deadline);
    if (deadline.when_ > now) {  // was moved to a later time
      link(deadline, std::max(tick_of(deadline.when_), visited + 1));
      continue;
    }
    deadline.previous = due.previous;
    deadline.next = &due;
    due.previous->next = &deadline;
    due.previous = &deadline;
    deadline.linked_ = true;
  }
  while (due.next != &due) {
    auto& deadline = static_cast<Deadline&>(*due.next);
    unlink(deadline);
    deadline.armed_ = false;
    deadline.fire_(deadline);
  }
}

void DeadlineWheel::advance(Clock::time_point now) noexcept {
  if (now < start_) return;
  const auto target = static_cast<std::uint64_t>((now - start_) / std::chrono::nanoseconds(kTick));
  // After a long pause one whole turn sees every slot.
  if (target > current_ + kSlots) current_ = target - kSlots;
  while (current_ < target) {
    ++current_;
    const std::size_t slot = current_ % kSlots;
    if (slots_[slot].next != &slots_[slot]) visit(slot, now);
  }
}

std::optional<DeadlineWheel::Clock::time_point> DeadlineWheel::next_wake() const noexcept {
  constexpr std::size_t kWords = kSlots / 64;
  const std::size_t first = (current_ + 1) % kSlots;
  for (std::size_t step = 0; step <= kWords; ++step) {
    const std::size_t word = (first / 64 + step) % kWords;
    std::uint64_t bits = occupied_[word];
    if (step == 0) bits &= ~std::uint64_t{0} << (first % 64);
    if (step == kWords) bits &= (std::uint64_t{1} << (first % 64)) - 1;
    if (bits == 0) continue;
    const std::size_t slot = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
    const std::uint64_t ahead = (slot + kSlots - first) % kSlots;
    return start_ + std::chrono::nanoseconds(kTick) * static_cast<std::int64_t>(current_ + 1 + ahead);
  }
  return std::nullopt;
}

}  // namespace driftstack::kernel
