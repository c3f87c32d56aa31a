#include "kernel/runtime/io_threads.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <stdexcept>
#include <thread>
#include <vector>

#include "kernel/runtime/descriptor_watch.hpp"
#include "kernel/runtime/thread_signals.hpp"

namespace driftstack::kernel {
namespace {

// Which io thread of which pool the calling thread is; two pools live side by side in tests.
thread_local const IoThreads* t_pool = nullptr;
thread_local IoThread t_index = kNoIoThread;

// A coroutine that waits for a time. Kept for the next wait: no allocation in a steady state.
class Sleeper : public Deadline {
 public:
  explicit Sleeper(std::vector<Sleeper*>& free) noexcept : Deadline(&Sleeper::wake), free_(free) {}
  std::coroutine_handle<> handle;

 private:
  static void wake(Deadline& deadline) noexcept {
    auto& self = static_cast<Sleeper&>(deadline);
    const auto handle = self.handle;
    self.free_.push_back(&self);
    handle.resume();
  }
  std::vector<Sleeper*>& free_;
};

}  // namespace

class IoThreads::Thread {
 public:
  Thread(const IoThreads& pool, IoThread index) : timer_(context_), wheel_(Deadline::Clock::now()) {
    const SignalsBlocked blocked;
    thread_ = std::thread([this, &pool, index] {
      t_pool = &pool;
      t_index = index;
      context_.run();
    });
  }
  ~Thread() { stop(); }

  void stop() noexcept {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }
  boost::asio::io_context& context() noexcept { return context_; }

  void set(Deadline& deadline, Deadline::Clock::time_point when) noexcept {
    wheel_.set(deadline, when);
    if (!armed_ || when < armed_for_) arm();
  }
  void clear(Deadline& deadline) noexcept { wheel_.clear(deadline); }

  void sleep(Deadline::Clock::time_point when, std::coroutine_handle<> handle) {
    if (free_.empty()) {
      sleepers_.push_back(std::make_unique<Sleeper>(free_));
      free_.reserve(sleepers_.size());
      free_.push_back(sleepers_.back().get());
    }
    Sleeper& sleeper = *free_.back();
    free_.pop_back();
    sleeper.handle = handle;
    set(sleeper, when);
  }

 private:
  // The timer runs to the first occupied slot. It is set again only when that slot comes nearer; clearing a deadline leaves it alone.
  void arm() noexcept {
    if (advancing_) return;  // done once after advancing
    const auto wake = wheel_.next_wake();
    if (!wake || (armed_ && *wake >= armed_for_)) return;
    armed_ = true;
    armed_for_ = *wake;
    timer_.expires_at(*wake);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      armed_ = false;
      advancing_ = true;
      wheel_.advance(Deadline::Clock::now());
      advancing_ = false;
      arm();
    });
  }

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  boost::asio::steady_timer timer_;
  std::vector<Sleeper*> free_;
  std::vector<std::unique_ptr<Sleeper>> sleepers_;
  DeadlineWheel wheel_;
  Deadline::Clock::time_point armed_for_{};
  bool armed_ = false;
  bool advancing_ = false;
  std::thread thread_;
};

struct IoThreads::Threads {
  std::vector<std::unique_ptr<Thread>> list;
};

IoThreads::IoThreads(std::uint32_t count, WorkerPool& workers, Log* log)
    : threads_(std::make_unique<Threads>()), workers_(workers), log_(log) {
  if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
  for (IoThread index = 0; index < count; ++index) threads_->list.push_back(std::make_unique<Thread>(*this, index));
}

IoThreads::~IoThreads() { stop(); }

void IoThreads::stop() noexcept {
  for (auto& thread : threads_->list) thread->stop();
}

std::uint32_t IoThreads::io_threads() const noexcept { return static_cast<std::uint32_t>(threads_->list.size()); }

IoThread IoThreads::current_io_thread() const noexcept { return t_pool == this ? t_index : kNoIoThread; }

// A coroutine that took `current_io_thread()` after an await that left it on a worker asks for a thread that there is not. It has no thread
// of its own to protect, so any will do; to crash would end every session of the server for one plugin's mistake.
IoThreads::Thread& IoThreads::thread(IoThread thread) noexcept {
  if (thread < threads_->list.size()) return *threads_->list[thread];
  if (log_ != nullptr && !warned_.exchange(true)) {
    log_->error("Something continues on an io thread that does not exist; it goes to the first one. Take the thread of the call instead.",
                {{"io_thread", thread == kNoIoThread ? std::int64_t{-1} : std::int64_t{thread}}});
  }
  return *threads_->list.front();
}

boost::asio::io_context& IoThreads::context(IoThread thread) noexcept { return this->thread(thread).context(); }

void IoThreads::resume_on_io(IoThread thread, std::coroutine_handle<> handle) noexcept {
  boost::asio::post(context(thread), [handle] { handle.resume(); });
}

void IoThreads::resume_all_on_io(IoThread thread, std::span<const std::coroutine_handle<>> handles) noexcept {
  if (handles.empty()) return;
  boost::asio::post(context(thread), [owned = std::vector<std::coroutine_handle<>>(handles.begin(), handles.end())] {
    for (const auto handle : owned) handle.resume();
  });
}

void IoThreads::resume_on_workers(std::coroutine_handle<> handle) noexcept { workers_.resume(handle); }

void IoThreads::resume_at(Call::Clock::time_point when, IoThread thread, std::coroutine_handle<> handle) noexcept {
  Thread& target = this->thread(thread);
  if (current_io_thread() == thread) {
    target.sleep(when, handle);
    return;
  }
  boost::asio::post(target.context(), [&target, when, handle] { target.sleep(when, handle); });
}

std::unique_ptr<Watch> IoThreads::watch(int descriptor, ReadinessHandler& handler) {
  if (current_io_thread() == kNoIoThread) throw std::logic_error("Scheduler::watch: call it on an io thread");
  return watch_descriptor(context(current_io_thread()), descriptor, handler);
}

void IoThreads::post(IoThread thread, std::function<void()> work) { boost::asio::post(context(thread), std::move(work)); }

void IoThreads::set_deadline(Deadline& deadline, Deadline::Clock::time_point when) noexcept {
  threads_->list[current_io_thread()]->set(deadline, when);
}

void IoThreads::clear_deadline(Deadline& deadline) noexcept { threads_->list[current_io_thread()]->clear(deadline); }

}  // namespace driftstack::kernel
