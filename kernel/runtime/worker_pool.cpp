#include "kernel/runtime/worker_pool.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <thread>

#include "kernel/runtime/thread_signals.hpp"

namespace driftstack::kernel {

struct WorkerPool::Pool {
  explicit Pool(std::uint32_t count) : threads(count) {}
  boost::asio::thread_pool threads;
};

WorkerPool::WorkerPool(std::uint32_t count) : count_(count != 0 ? count : 2 * std::max(1u, std::thread::hardware_concurrency())) {
  const SignalsBlocked blocked;  // the threads inherit the mask
  pool_ = std::make_unique<Pool>(count_);
}

WorkerPool::~WorkerPool() { stop(); }

void WorkerPool::resume(std::coroutine_handle<> handle) noexcept {
  boost::asio::post(pool_->threads, [handle] { handle.resume(); });
}

void WorkerPool::stop() noexcept { pool_->threads.join(); }

}  // namespace driftstack::kernel
