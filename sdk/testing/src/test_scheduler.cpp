#include "driftstack/testing/test_scheduler.hpp"

#include <cstdio>
#include <stdexcept>

#include "io_loop.hpp"

namespace driftstack::testing {

namespace {
thread_local const TestScheduler* worker_of = nullptr;
}

TestScheduler::TestScheduler(ManualClock& clock, std::uint32_t io_threads, std::uint32_t workers) : clock_(clock) {
  if (io_threads == 0) throw std::logic_error("TestScheduler: needs an io thread");
  for (std::uint32_t i = 0; i < io_threads; ++i) loops_.push_back(std::make_unique<detail::IoLoop>(this, i, clock, outstanding_));
  for (std::uint32_t i = 0; i < workers; ++i) workers_.emplace_back([this] { work(); });
  clock_.on_change([this] {
    for (const auto& loop : loops_) loop->wake();
  });
}

TestScheduler::~TestScheduler() {
  clock_.on_change({});
  stop();
  std::size_t watches = 0;
  for (const auto& loop : loops_) watches += loop->watches();
  if (const auto timers = waiting_timers(); timers != 0 || watches != 0)
    std::fprintf(stderr, "TestScheduler: %zu coroutines still wait for a timer, %zu descriptors are still watched\n", timers, watches);
}

// Work moves between the two kinds of threads, so nothing ends before all of them are out of work.
void TestScheduler::stop() {
  for (const auto& loop : loops_) loop->stop_timers();
  while (outstanding_ != 0) std::this_thread::yield();
  {
    const std::lock_guard lock(work_mutex_);
    stopping_ = true;
  }
  work_ready_.notify_all();
  for (auto& worker : workers_) worker.join();
  for (const auto& loop : loops_) loop->finish();
}

std::uint32_t TestScheduler::io_threads() const noexcept { return static_cast<std::uint32_t>(loops_.size()); }

IoThread TestScheduler::current_io_thread() const noexcept {
  const auto* loop = detail::IoLoop::current();
  return loop != nullptr && loop->owner() == this ? loop->index() : kNoIoThread;
}

void TestScheduler::resume_on_io(IoThread thread, std::coroutine_handle<> handle) noexcept { resume_all_on_io(thread, {&handle, 1}); }

void TestScheduler::resume_all_on_io(IoThread thread, std::span<const std::coroutine_handle<>> handles) noexcept {
  loops_.at(thread)->post(handles);
}

void TestScheduler::resume_on_workers(std::coroutine_handle<> handle) noexcept {
  ++outstanding_;
  {
    const std::lock_guard lock(work_mutex_);
    work_.push_back(handle);
  }
  work_ready_.notify_one();
}

void TestScheduler::resume_at(Call::Clock::time_point when, IoThread thread, std::coroutine_handle<> handle) noexcept {
  loops_.at(thread)->post_at(when, handle);
}

std::unique_ptr<Watch> TestScheduler::watch(int descriptor, ReadinessHandler& handler) {
  if (current_io_thread() == kNoIoThread) throw std::logic_error("Scheduler::watch: call it on an io thread");
  return detail::IoLoop::current()->watch(descriptor, handler);
}

std::size_t TestScheduler::waiting_timers() const {
  std::size_t count = 0;
  for (const auto& loop : loops_) count += loop->waiting_timers();
  return count;
}

bool TestScheduler::on_worker() const noexcept { return worker_of == this; }

void TestScheduler::work() {
  worker_of = this;
  std::unique_lock lock(work_mutex_);
  for (;;) {
    work_ready_.wait(lock, [this] { return stopping_ || !work_.empty(); });
    if (work_.empty()) return;
    const auto handle = work_.front();
    work_.pop_front();
    lock.unlock();
    handle.resume();
    --outstanding_;
    lock.lock();
  }
}

}  // namespace driftstack::testing
