#pragma once

#include <chrono>

#include "kernel/http/transport.hpp"
#include "kernel/runtime/io_threads.hpp"

namespace driftstack::kernel {

/// The one deadline of a connection. It either ends the transport's pending operation (a limit) or asks its owner to look around (a tick).
/// [io-thread of the connection]
class PhaseTimer : private Deadline {
 public:
  class Owner {
   public:
    /// The time that tick_at() named is there. May be called only while a tick is set.
    virtual void on_tick() noexcept = 0;

   protected:
    ~Owner() = default;
  };

  PhaseTimer(IoThreads& io, Transport& transport, Owner& owner) noexcept
      : Deadline(&PhaseTimer::fire), io_(io), transport_(transport), owner_(owner) {}
  ~PhaseTimer() { io_.clear_deadline(*this); }

  /// From now on the pending operation ends at `when`, and expired() tells so.
  void limit(Clock::time_point when) noexcept {
    ticking_ = false;
    io_.set_deadline(*this, when);
  }
  void tick_at(Clock::time_point when) noexcept {
    ticking_ = true;
    io_.set_deadline(*this, when);
  }
  /// As if the limit had passed just now.
  void expire() noexcept {
    expired_ = true;
    transport_.cancel();
  }
  bool expired() const noexcept { return expired_; }

 private:
  static void fire(Deadline& deadline) noexcept {
    auto& self = static_cast<PhaseTimer&>(deadline);
    if (self.ticking_)
      self.owner_.on_tick();
    else
      self.expire();
  }

  IoThreads& io_;
  Transport& transport_;
  Owner& owner_;
  bool ticking_ = false;
  bool expired_ = false;
};

}  // namespace driftstack::kernel
