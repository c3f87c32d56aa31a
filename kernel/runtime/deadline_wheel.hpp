#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace driftstack::kernel {

/// A place in a ring of deadlines; a ring is empty when its head points at itself.
struct DeadlineLink {
  DeadlineLink* previous = this;
  DeadlineLink* next = this;
};

/// Something that happens at a time. Lives inside its owner; must be cleared or fired before it dies. Not for sharing between threads.
class Deadline : DeadlineLink {
 public:
  using Clock = std::chrono::steady_clock;
  using Fire = void (*)(Deadline&) noexcept;

  /// `fire` runs once per deadline, on the thread that advances the wheel; it may set the same deadline again or destroy its owner.
  explicit Deadline(Fire fire) noexcept : fire_(fire) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool pending() const noexcept { return armed_; }
  Clock::time_point when() const noexcept { return when_; }

 private:
  friend class DeadlineWheel;
  Fire fire_;
  Clock::time_point when_{};
  std::uint64_t tick_ = 0;  ///< at which the wheel looks at it; never later than when_ needs
  bool linked_ = false;
  bool armed_ = false;
};

/// Hashed timing wheel: setting, moving and clearing cost the same however many deadlines there are. Moving a deadline to a later time,
/// which connections do on every request, is one store: the wheel finds out when it gets to the old slot. A deadline never fires
/// early and at most one tick late. Used by one thread; knows no timer, so tests turn it by hand.
class DeadlineWheel {
 public:
  using Clock = Deadline::Clock;
  static constexpr std::chrono::milliseconds kTick{10};  // host.hpp, Scheduler::resume_at
  static constexpr std::size_t kSlots = 4096;            // 41 s per turn: most limits of a connection lie within one

  explicit DeadlineWheel(Clock::time_point now) noexcept : start_(now) {}
  ~DeadlineWheel();
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

  void set(Deadline& deadline, Clock::time_point when) noexcept;
  void clear(Deadline& deadline) noexcept;
  /// Fires everything that is due.
  void advance(Clock::time_point now) noexcept;
  /// When `advance` is needed next; nothing while no slot is occupied.
  std::optional<Clock::time_point> next_wake() const noexcept;

 private:
  std::uint64_t tick_of(Clock::time_point when) const noexcept;
  void link(Deadline& deadline, std::uint64_t tick) noexcept;
  void unlink(Deadline& deadline) noexcept;
  void visit(std::size_t slot, Clock::time_point now) noexcept;

  Clock::time_point start_;
  std::uint64_t current_ = 0;  ///< last tick that was visited
  std::array<DeadlineLink, kSlots> slots_;
  std::array<std::uint64_t, kSlots / 64> occupied_{};  ///< one bit per slot
};

}  // namespace driftstack::kernel
