#include "io_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <limits>
#include <system_error>
#include <utility>

namespace driftstack::testing::detail {

namespace {

constexpr std::uint64_t kWakeUp = 0;
constexpr std::size_t kEventsPerWait = 32;  // only a batch size: what does not fit comes with the next wait

thread_local IoLoop* current_loop = nullptr;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

bool wants(Readiness interest, Readiness what) { return (static_cast<unsigned>(interest) & static_cast<unsigned>(what)) != 0; }

std::uint32_t epoll_events(Readiness interest) {
  return (wants(interest, Readiness::readable) ? std::uint32_t{EPOLLIN} : 0U) |
         (wants(interest, Readiness::writable) ? std::uint32_t{EPOLLOUT} : 0U);
}

}  // namespace

class LoopWatch final : public Watch {
 public:
  LoopWatch(IoLoop& loop, std::uint64_t id, int descriptor, ReadinessHandler& handler)
      : loop_(loop), id_(id), descriptor_(descriptor), handler_(handler) {
    loop_.watch_by_id_.emplace(id_, this);
    ++loop_.watch_count_;
  }
  ~LoopWatch() override {
    set_interest(Readiness::none);
    loop_.watch_by_id_.erase(id_);
    --loop_.watch_count_;
  }
  LoopWatch(const LoopWatch&) = delete;
  LoopWatch& operator=(const LoopWatch&) = delete;

  // Without interest the descriptor leaves the set: epoll would report hang-ups of it for ever.
  void set_interest(Readiness what) noexcept override {
    if (what == interest_) return;
    epoll_event event{};
    event.events = epoll_events(what);
    event.data.u64 = id_;
    const int operation = what == Readiness::none ? EPOLL_CTL_DEL : interest_ == Readiness::none ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    if (epoll_ctl(loop_.epoll_, operation, descriptor_, &event) == 0) interest_ = what;
  }

  Readiness interest() const noexcept { return interest_; }
  ReadinessHandler& handler() const noexcept { return handler_; }

 private:
  IoLoop& loop_;
  std::uint64_t id_;
  int descriptor_;
  ReadinessHandler& handler_;
  Readiness interest_ = Readiness::none;
};

IoLoop::IoLoop(const void* owner, IoThread index, ManualClock& clock, std::atomic<std::size_t>& outstanding)
    : owner_(owner), index_(index), clock_(clock), outstanding_(outstanding) {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) fail("epoll_create1");
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) fail("eventfd");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeUp;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) fail("epoll_ctl");
  thread_ = std::thread([this] { run(); });
}

IoLoop::~IoLoop() {
  finish();
  close(wake_);
  close(epoll_);
}

IoLoop* IoLoop::current() noexcept { return current_loop; }

void IoLoop::post(std::span<const std::coroutine_handle<>> handles) {
  outstanding_ += handles.size();
  {
    const std::lock_guard lock(mutex_);
    ready_.insert(ready_.end(), handles.begin(), handles.end());
  }
  wake();
}

void IoLoop::post_at(Call::Clock::time_point when, std::coroutine_handle<> handle) {
  {
    const std::lock_guard lock(mutex_);
    timers_.emplace(when, handle);
  }
  wake();
}

void IoLoop::wake() noexcept {
  const std::uint64_t one = 1;
  (void)!write(wake_, &one, sizeof one);  // a full counter wakes just as well
}

std::unique_ptr<Watch> IoLoop::watch(int descriptor, ReadinessHandler& handler) {
  return std::make_unique<LoopWatch>(*this, next_watch_++, descriptor, handler);
}

void IoLoop::stop_timers() {
  const std::lock_guard lock(mutex_);
  timers_stopped_ = true;
}

void IoLoop::finish() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
  }
  wake();
  thread_.join();
}

std::size_t IoLoop::waiting_timers() const {
  const std::lock_guard lock(mutex_);
  return timers_.size();
}

void IoLoop::run() {
  current_loop = this;
  for (;;) {
    run_ready();
    {
      const std::lock_guard lock(mutex_);
      if (finishing_ && ready_.empty()) return;
    }
    wait_and_dispatch();
  }
}

void IoLoop::run_ready() {
  const auto now = clock_.steady();
  std::vector<std::coroutine_handle<>> batch;
  {
    const std::lock_guard lock(mutex_);
    const auto due = timers_stopped_ ? timers_.begin() : timers_.upper_bound(now);
    for (auto timer = timers_.begin(); timer != due; ++timer) ready_.push_back(timer->second);
    outstanding_ += static_cast<std::size_t>(std::distance(timers_.begin(), due));
    timers_.erase(timers_.begin(), due);
    batch.swap(ready_);
  }
  for (const auto handle : batch) {
    handle.resume();
    --outstanding_;
  }
}

int IoLoop::timeout_ms() const {
  const auto now = clock_.steady();
  const bool frozen = clock_.frozen();
  const std::lock_guard lock(mutex_);
  if (!ready_.empty()) return 0;
  if (timers_stopped_ || timers_.empty() || (frozen && timers_.begin()->first > now)) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

void IoLoop::wait_and_dispatch() {
  std::array<epoll_event, kEventsPerWait> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms());
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == kWakeUp) {
      std::uint64_t drained = 0;
      (void)!read(wake_, &drained, sizeof drained);
    } else {
      dispatch(event.data.u64, event.events);
    }
  }
}

// Each handler call may end this watch or any other, so the watch is looked up again before every call.
void IoLoop::dispatch(std::uint64_t id, std::uint32_t events) {
  constexpr std::uint32_t kBroken = EPOLLERR | EPOLLHUP;
  const std::array<std::pair<Readiness, bool>, 2> sides{
      {{Readiness::readable, (events & (EPOLLIN | kBroken)) != 0}, {Readiness::writable, (events & (EPOLLOUT | kBroken)) != 0}}};
  for (const auto& [what, is_ready] : sides) {
    const auto found = watch_by_id_.find(id);
    if (found == watch_by_id_.end()) return;
    if (is_ready && wants(found->second->interest(), what)) found->second->handler().on_ready(what);
  }
}

}  // namespace driftstack::testing::detail
