#pragma once
// One thread for everything that the plugin does with processes: it starts them (a child dies with the thread that made it), reads their
// sockets, keeps their deadlines and ends them. State that belongs to it needs no locks.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace driftstack::browser_webkit {

class LoopThread {
 public:
  using Clock = std::chrono::steady_clock;
  using Work = std::function<void()>;
  using Timer = std::uint64_t;

  LoopThread();
  /// Work that was posted before is done, timers and watches are dropped.
  ~LoopThread();
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  /// Runs `work` on the thread, in the order of the calls. [any-thread]
  void post(Work work);

  // The rest is [loop-thread].

  enum class Interest : std::uint8_t { read, write, both };
  /// Calls `on_ready` whenever the descriptor is ready for what is of interest, or hung up, until `unwatch`.
  void watch(int descriptor, Interest interest, Work on_ready);
  void watch(int descriptor, Work on_ready) { watch(descriptor, Interest::read, std::move(on_ready)); }
  void unwatch(int descriptor);
  /// Calls `work` once. The number is never reused.
  Timer after(std::chrono::milliseconds delay, Work work);
  void cancel(Timer timer);

 private:
  void run();
  int wait_milliseconds() const;
  void take_mail();
  void fire_timers();
  void handle(std::uint64_t watch);

  int epoll_;
  int wake_;
  std::mutex mutex_;
  std::vector<Work> mailbox_;  // guarded by mutex_
  bool ending_ = false;        // guarded by mutex_
  // By a number of its own, never by descriptor: an event of the same round may have closed one and opened another with its value.
  std::unordered_map<std::uint64_t, std::shared_ptr<Work>> watches_;
  std::unordered_map<int, std::uint64_t> watch_of_;
  std::uint64_t next_watch_ = 1;
  std::map<std::pair<Clock::time_point, Timer>, Work> timers_;
  std::unordered_map<Timer, Clock::time_point> due_;
  Timer next_timer_ = 1;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace driftstack::browser_webkit
