#pragma once
// Call: the circumstances of one piece of work, a request or a background job.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "driftstack/principal.hpp"

namespace driftstack {
inline namespace v1 {

/// Index of an io thread, `kNoIoThread` on any other thread.
using IoThread = std::uint32_t;
inline constexpr IoThread kNoIoThread = 0xffff'ffffu;

/// Deadline, cancellation, caller and address of one piece of work. Made by the host (or by a worker for its own jobs), passed by
/// reference down every call; outlives every task that was given it. Reading is [any-thread]; `cancel` is [any-thread].
class Call {
 public:
  using Clock = std::chrono::steady_clock;

  /// A call without a caller: background work, start, tests.
  Call(std::string request_id, IoThread io_thread, Clock::time_point deadline)
      : request_id_(std::move(request_id)), io_thread_(io_thread), deadline_(deadline) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  std::string_view request_id() const noexcept { return request_id_; }
  /// The io thread on which this work began and to which its continuations belong.
  IoThread io_thread() const noexcept { return io_thread_; }
  Clock::time_point deadline() const noexcept { return deadline_; }
  /// True once the caller lost interest (connection gone, server draining past its limit).
  bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }

  /// Null when the route needs no credential.
  const Principal* principal() const noexcept { return has_principal_ ? &principal_ : nullptr; }
  void set_principal(const Principal& principal) noexcept {
    principal_ = principal;
    has_principal_ = true;
  }
  /// Text form of the client's address after the trusted-proxy rule; empty for background work.
  std::string_view client_address() const noexcept { return client_address_; }
  std::string_view user_agent() const noexcept { return user_agent_; }
  void set_client(std::string address, std::string user_agent) {
    client_address_ = std::move(address);
    user_agent_ = std::move(user_agent);
  }

 private:
  std::string request_id_;
  std::string client_address_;
  std::string user_agent_;
  Principal principal_;
  IoThread io_thread_;
  bool has_principal_ = false;
  std::atomic<bool> cancelled_{false};
  Clock::time_point deadline_;
};

}  // namespace v1
}  // namespace driftstack
