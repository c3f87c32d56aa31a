#pragma once
// One non-blocking connection and one timer, as an io thread watches them.

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"

namespace driftstack::rate_limit_redis {

/// An address to connect to.
struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
  int family = 0;
};

/// All addresses of a host, in the order of preference; none when the name does not resolve. May block: [worker].
std::vector<Endpoint> look_up(const std::string& host, std::uint16_t port);

/// A TCP socket that is or will be connected. [its io thread]
class LinkSocket {
 public:
  LinkSocket(Scheduler& scheduler, ReadinessHandler& handler) noexcept : scheduler_(scheduler), handler_(handler) {}
  ~LinkSocket() { close(); }
  LinkSocket(const LinkSocket&) = delete;
  LinkSocket& operator=(const LinkSocket&) = delete;

  /// False with `errno` when the attempt failed at once. Otherwise writable tells that it was decided; see connected().
  bool begin(const Endpoint& to);
  /// 0, or the error number of a failed attempt.
  int connected() noexcept;
  bool is_open() const noexcept { return descriptor_ >= 0; }
  void close() noexcept;

  enum class Read { some, nothing_yet, ended };
  /// Appends what has arrived; `ended` when the other side closed or the connection broke.
  Read read(std::string& into);
  /// Sends what waits; false when the connection broke. Asks for writable while something is left.
  bool flush();
  /// What waits to be sent.
  std::string& outgoing() noexcept { return outgoing_; }

 private:
  Scheduler& scheduler_;
  ReadinessHandler& handler_;
  int descriptor_ = -1;
  std::unique_ptr<Watch> watch_;
  std::string outgoing_;
  std::size_t sent_ = 0;  ///< bytes of `outgoing_` that are gone
};

/// Fires once per arming, by the real clock: it bounds real input and output, whatever a test does to the host's clock. [its io thread]
class LinkTimer {
 public:
  LinkTimer(Scheduler& scheduler, ReadinessHandler& handler);
  ~LinkTimer();
  LinkTimer(const LinkTimer&) = delete;
  LinkTimer& operator=(const LinkTimer&) = delete;

  void arm(std::chrono::nanoseconds after) noexcept;
  void disarm() noexcept;
  bool armed() const noexcept { return armed_; }
  /// To be called when the timer is readable; false when it had not fired.
  bool fired() noexcept;

 private:
  int descriptor_;
  std::unique_ptr<Watch> watch_;
  bool armed_ = false;
};

}  // namespace driftstack::rate_limit_redis
