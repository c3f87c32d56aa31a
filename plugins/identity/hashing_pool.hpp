#pragma once
// The few threads that run scrypt: bounded in number, memory and queue, so that a flood of new keys costs a refusal and not the server.

#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/support/secret_text.hpp"
#include "driftstack/task.hpp"
#include "scrypt.hpp"

namespace driftstack::identity {

/// One derivation: the secret with its salt and cost.
struct HashRequest {
  HashRequest(std::string_view secret, const Salt& salt, const ScryptCost& cost) : secret(secret), salt(salt), cost(cost) {}
  SecretText secret;
  Salt salt;
  ScryptCost cost;
};

/// Own threads, started by `start` and joined by `stop`. Equal requests that wait at the same time share one derivation, so that a key
/// that arrives on fifty connections at once costs one hash.
class HashingPool {
 public:
  struct Limits {
    std::uint32_t threads;  ///< at most one per core
    std::size_t queue;      ///< derivations that may wait
  };

  HashingPool(Scheduler& scheduler, Limits limits);
  ~HashingPool();
  HashingPool(const HashingPool&) = delete;
  HashingPool& operator=(const HashingPool&) = delete;

  void start();
  /// Waiting work ends with Errc::unavailable; running work ends well. Blocks for one derivation at most: not on an io thread.
  void stop() noexcept;

  /// Continues on the io thread that asked. Errc::feature_unavailable with a retry time when the queue is full. [any-thread]
  AsyncResult<DerivedKey> derive(HashRequest request);

  /// Derivations that wait or run. [any-thread]
  std::size_t pending() const;

 private:
  struct Waiter {
    std::coroutine_handle<> handle;
    IoThread thread = kNoIoThread;
    Result<DerivedKey> result{Error(Errc::unavailable, "The server is stopping.")};
  };
  struct Job {
    explicit Job(HashRequest request) : request(std::move(request)) {}
    HashRequest request;
    std::vector<Waiter*> waiters;
  };
  enum class Admission : std::uint8_t { waiting, full, stopping };
  class Ticket;

  Admission admit(HashRequest& request, Waiter& waiter);
  void work() noexcept;
  void finish(Job& job, const Result<DerivedKey>& result) noexcept;
  Error refusal() const;

  Scheduler& scheduler_;
  const Limits limits_;
  const Scrypt scrypt_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Job>> queue_;
  std::vector<Job*> running_;
  std::vector<std::thread> threads_;
  bool stopping_ = true;
};

}  // namespace driftstack::identity
