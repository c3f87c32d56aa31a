#include "kernel/server/housekeeping.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::chrono::minutes kPeriod{1};       // keys live for 24 h; a minute more does not matter
constexpr std::chrono::seconds kPurgeLimit{20};  // one slice of 500 rows

}  // namespace

Housekeeping::Housekeeping(Scheduler& scheduler, Clock& clock, Log& log, IdempotencyStore& store, WorkerTick& tick)
    : state_(std::make_shared<State>()) {
  detach(run(state_, scheduler, clock, log, store, tick));
}

Housekeeping::~Housekeeping() {
  std::unique_lock lock(state_->mutex);
  state_->stopping = true;
  state_->idle.wait(lock, [this] { return !state_->working; });
}

Task<> Housekeeping::run(std::shared_ptr<State> state, Scheduler& scheduler, Clock& clock, Log& log, IdempotencyStore& store,
                         WorkerTick& tick) {
  constexpr IoThread kThread = 0;
  while (true) {
    until next(scheduler, clock.steady() + kPeriod, kThread);
    co_await next;
    {
      const std::lock_guard lock(state->mutex);
      if (state->stopping) co_return;
      state->working = true;
    }
    Call call("housekeeping", kThread, clock.steady() + kPurgeLimit);
    auto purged = co_await store.purge(call);
    if (!purged) log.warn("expired idempotency keys could not be deleted", {LogField("detail", purged.error().detail)});
    tick.tick();
    const std::lock_guard lock(state->mutex);
    state->working = false;
    state->idle.notify_all();
  }
}

}  // namespace driftstack::kernel
