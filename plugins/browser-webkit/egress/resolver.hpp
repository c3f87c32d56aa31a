#pragma once
// Looks names up without holding the loop.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "driver/loop_thread.hpp"
#include "egress/address.hpp"

namespace driftstack::browser_webkit {

class Resolver {
 public:
  /// All addresses of a host, none when it has none. Called on threads of the resolver.
  using Lookup = std::function<Addresses(const std::string& host)>;

  explicit Resolver(LoopThread& loop, Lookup lookup = system_lookup);
  ~Resolver() { stop(); }
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// `tell` is called on the loop thread. [loop-thread]
  void resolve(std::string host, std::function<void(Addresses)> tell);

  /// Waits for lookups that run; no question is answered after it. [loop-thread]
  void stop();

  static Addresses system_lookup(const std::string& host);

 private:
  struct Question {
    std::string host;
    std::function<void(Addresses)> tell;
  };
  void run();

  LoopThread& loop_;
  Lookup lookup_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Question> questions_;  // guarded by mutex_
  std::size_t idle_ = 0;            // guarded by mutex_
  bool ending_ = false;             // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace driftstack::browser_webkit
