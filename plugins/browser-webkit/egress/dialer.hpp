#pragma once
// Connects to a target: resolves its name once, has every address checked, dials what was checked. [loop-thread]

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "driver/descriptor.hpp"
#include "driver/loop_thread.hpp"
#include "egress/address.hpp"
#include "egress/target_rules.hpp"

namespace driftstack::browser_webkit {

enum class DialFailure : std::uint8_t {
  forbidden,  ///< an address that may not be dialled
  no_such_name,
  closed,  ///< nobody listens
  too_slow,
};

class Dialer : public std::enable_shared_from_this<Dialer> {
 public:
  using Tell = std::function<void(const Addresses&)>;
  using LookUp = std::function<void(std::string host, Tell tell)>;
  using Permits = std::function<bool(const Address&)>;
  /// A connected, non-blocking socket; without one, why not.
  using OnEnd = std::function<void(Descriptor socket, DialFailure failure)>;

  Dialer(LoopThread& loop, EgressTarget target, Permits permits, OnEnd on_end)
      : loop_(loop), target_(std::move(target)), permits_(std::move(permits)), on_end_(std::move(on_end)) {}
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;

  /// `on_end` is called once, never before this returns.
  void begin(const LookUp& look_up);
  /// `on_end` is not called any more.
  void cancel();

 private:
  void dial_all(const Addresses& addresses);
  /// Tries the addresses that are left, one after the other.
  void dial_next();
  bool dial(const Address& address);
  void on_writable();
  void arm(std::chrono::milliseconds limit, DialFailure when_over);
  void fail(DialFailure failure);
  void leave_socket();

  LoopThread& loop_;
  EgressTarget target_;
  Permits permits_;
  OnEnd on_end_;
  Descriptor socket_;
  Addresses addresses_;  // to be tried, the next one last
  LoopThread::Timer deadline_ = 0;
  bool resolved_ = false;
};

}  // namespace driftstack::browser_webkit
