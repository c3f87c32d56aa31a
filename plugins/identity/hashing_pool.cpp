#include "hashing_pool.hpp"

#include <algorithm>
#include <utility>

namespace driftstack::identity {
namespace {

constexpr std::size_t kHashesPerSecond = 10;  // of one thread: identity.md 1.4, about 90 ms each

bool same(const HashRequest& a, const HashRequest& b) noexcept { return a.salt == b.salt && a.cost == b.cost && a.secret.equals(b.secret); }

}  // namespace

/// Suspends until the derivation is done; a refusal goes on at once.
class HashingPool::Ticket {
 public:
  Ticket(HashingPool& pool, HashRequest& request) noexcept : pool_(pool), request_(request) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> handle) {
    waiter_.handle = handle;
    waiter_.thread = pool_.scheduler_.current_io_thread();
    const Admission admission = pool_.admit(request_, waiter_);
    if (admission == Admission::waiting) return true;  // from here on this frame may be running elsewhere
    if (admission == Admission::full) waiter_.result = pool_.refusal();
    return false;
  }
  Result<DerivedKey> await_resume() { return std::move(waiter_.result); }

 private:
  HashingPool& pool_;
  HashRequest& request_;
  Waiter waiter_;
};

HashingPool::HashingPool(Scheduler& scheduler, Limits limits) : scheduler_(scheduler), limits_(limits) {}

HashingPool::~HashingPool() { stop(); }

void HashingPool::start() {
  const std::lock_guard lock(mutex_);
  stopping_ = false;
  while (threads_.size() < limits_.threads) threads_.emplace_back([this] { work(); });
}

void HashingPool::stop() noexcept {
  std::deque<std::unique_ptr<Job>> dropped;
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
    threads.swap(threads_);
  }
  wake_.notify_all();
  for (const auto& job : dropped) finish(*job, Error(Errc::unavailable, "The server is stopping."));
  for (auto& thread : threads) thread.join();
}

AsyncResult<DerivedKey> HashingPool::derive(HashRequest request) {
  Ticket ticket(*this, request);
  co_return co_await ticket;
}

std::size_t HashingPool::pending() const {
  const std::lock_guard lock(mutex_);
  return queue_.size() + running_.size();
}

HashingPool::Admission HashingPool::admit(HashRequest& request, Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return Admission::stopping;
  const auto is_same = [&](const auto& job) { return same(job->request, request); };
  if (const auto job = std::find_if(running_.begin(), running_.end(), is_same); job != running_.end()) {
    (*job)->waiters.push_back(&waiter);
    return Admission::waiting;
  }
  if (const auto job = std::find_if(queue_.begin(), queue_.end(), is_same); job != queue_.end()) {
    (*job)->waiters.push_back(&waiter);
    return Admission::waiting;
  }
  if (queue_.size() >= limits_.queue) return Admission::full;
  auto job = std::make_unique<Job>(std::move(request));
  job->waiters.push_back(&waiter);
  queue_.push_back(std::move(job));
  wake_.notify_one();
  return Admission::waiting;
}

void HashingPool::work() noexcept {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const std::unique_ptr<Job> job = std::move(queue_.front());
    queue_.pop_front();
    running_.push_back(job.get());
    lock.unlock();
    const auto result = scrypt_.derive(job->request.secret.reveal(), job->request.salt, job->request.cost);
    lock.lock();
    std::erase(running_, job.get());  // nobody joins any more
    lock.unlock();
    finish(*job, result);
    lock.lock();
  }
}

void HashingPool::finish(Job& job, const Result<DerivedKey>& result) noexcept {
  for (Waiter* waiter : job.waiters) {
    waiter->result = result;
    const auto handle = waiter->handle;  // the waiter may be gone as soon as it is resumed
    if (waiter->thread == kNoIoThread) {
      scheduler_.resume_on_workers(handle);
    } else {
      scheduler_.resume_on_io(waiter->thread, handle);
    }
  }
}

Error HashingPool::refusal() const {
  const auto seconds = 1 + limits_.queue / (kHashesPerSecond * std::max<std::size_t>(limits_.threads, 1));
  return Error(Errc::feature_unavailable, "Too many passwords and new keys are being checked; try again soon.")
      .with_retry_after(static_cast<std::int64_t>(seconds));
}

}  // namespace driftstack::identity
