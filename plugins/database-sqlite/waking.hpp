#pragma once

#include <coroutine>

#include "driftstack/call.hpp"
#include "driftstack/host.hpp"

namespace driftstack::database_sqlite {

/// Continues a suspended caller where its call belongs: on its io thread, or on a worker if it has none.
inline void wake(Scheduler& scheduler, const Call& call, std::coroutine_handle<> waiter) {
  if (call.io_thread() == kNoIoThread) return scheduler.resume_on_workers(waiter);
  scheduler.resume_on_io(call.io_thread(), waiter);
}

}  // namespace driftstack::database_sqlite
