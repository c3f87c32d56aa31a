#include "driver/loop_thread.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>

namespace driftstack::browser_webkit {
namespace {
constexpr std::size_t kEventsPerWait = 64;
constexpr int kForever = -1;
constexpr std::uint64_t kWakeWatch = 0;
}  // namespace

LoopThread::LoopThread() : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeWatch;
  if (epoll_ < 0 || wake_ < 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "no descriptors for the browser loop");
  }
  thread_ = std::thread([this] { run(); });
}

LoopThread::~LoopThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  eventfd_write(wake_, 1);
  thread_.join();
  close(wake_);
  close(epoll_);
}

void LoopThread::post(Work work) {
  {
    const std::lock_guard lock(mutex_);
    mailbox_.push_back(std::move(work));
  }
  eventfd_write(wake_, 1);
}

void LoopThread::watch(int descriptor, Interest interest, Work on_ready) {
  const std::uint64_t watch = next_watch_++;
  epoll_event event{};
  if (interest != Interest::write) event.events |= EPOLLIN;
  if (interest != Interest::read) event.events |= EPOLLOUT;
  event.data.u64 = watch;
  watches_[watch] = std::make_shared<Work>(std::move(on_ready));
  watch_of_[descriptor] = watch;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
}

void LoopThread::unwatch(int descriptor) {
  const auto at = watch_of_.find(descriptor);
  if (at == watch_of_.end()) return;
  watches_.erase(at->second);
  watch_of_.erase(at);
  epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

LoopThread::Timer LoopThread::after(std::chrono::milliseconds delay, Work work) {
  const Timer timer = next_timer_++;
  const Clock::time_point when = Clock::now() + delay;
  timers_.emplace(std::pair(when, timer), std::move(work));
  due_.emplace(timer, when);
  return timer;
}

void LoopThread::cancel(Timer timer) {
  const auto at = due_.find(timer);
  if (at == due_.end()) return;
  timers_.erase(std::pair(at->second, timer));
  due_.erase(at);
}

int LoopThread::wait_milliseconds() const {
  if (timers_.empty()) return kForever;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first.first - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

void LoopThread::run() {
  for (;;) {
    std::array<epoll_event, kEventsPerWait> events;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_milliseconds());
    for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)].data.u64);
    fire_timers();
    const std::lock_guard lock(mutex_);
    if (ending_ && mailbox_.empty()) return;
  }
}

void LoopThread::handle(std::uint64_t watch) {
  if (watch == kWakeWatch) {
    eventfd_t count = 0;
    eventfd_read(wake_, &count);
    return take_mail();
  }
  const auto at = watches_.find(watch);
  if (at == watches_.end()) return;  // an earlier event of the same round ended the watch
  const std::shared_ptr<Work> work = at->second;
  (*work)();
}

void LoopThread::take_mail() {
  std::vector<Work> mail;
  {
    const std::lock_guard lock(mutex_);
    mail.swap(mailbox_);
  }
  for (const Work& work : mail) work();
}

void LoopThread::fire_timers() {
  while (!timers_.empty() && timers_.begin()->first.first <= Clock::now()) {
    auto due = timers_.extract(timers_.begin());
    due_.erase(due.key().second);
    due.mapped()();
  }
}

}  // namespace driftstack::browser_webkit
