#include "change_watch.hpp"

#include <algorithm>
#include <utility>

namespace driftstack::identity {
namespace {

constexpr std::chrono::seconds kLookLimit{5};      // a look that takes longer brings no news in time
constexpr std::chrono::seconds kWriteInterval{2};  // uses wait this long for others to share their commit

constexpr std::chrono::minutes kPurgeInterval{10};
constexpr std::int64_t kPurgeSlice = 500;                                         // rows that hold SQLite's one writer at a time
constexpr std::int64_t kKeptAfterEnd = std::int64_t{30} * 24 * 3600 * 1'000'000;  // platform.md 13, in microseconds

}  // namespace

ChangeWatch::ChangeWatch(Parts parts) : parts_(parts), tick_(parts.host.worker("identity-changes")) {}

AsyncResult<> ChangeWatch::start(const Call& call) {
  Scheduler& scheduler = parts_.host.scheduler();
  const auto began = parts_.host.clock().steady();
  auto last = co_await parts_.store.last_change(call);
  if (!last) co_return std::move(last).error();
  seen_ = *last;
  parts_.versions.set_current_until(began + kTrustWithoutNews);
  thread_ = call.io_thread();
  finished_.emplace(scheduler, thread_);
  driftstack::start(loop(), [this]() noexcept { finished_->set(); });
  co_return Done();
}

Task<> ChangeWatch::stop() {
  if (!finished_) co_return;
  stopping_.store(true, std::memory_order_release);
  FinishedSignal& finished = *finished_;  // g++ 12 would copy what a dereference in the expression yields
  co_await finished;
  co_await write_uses();
}

Task<> ChangeWatch::loop() {
  Scheduler& scheduler = parts_.host.scheduler();
  while (!stopping_.load(std::memory_order_acquire)) {
    const auto next = parts_.host.clock().steady() + parts_.interval;
    co_await until(scheduler, next, thread_);
    if (stopping_.load(std::memory_order_acquire)) break;
    const Call call("identity-changes", thread_, parts_.host.clock().steady() + kLookLimit);
    auto looked = co_await look(call);
    if (!looked && !is_failing_) parts_.host.log().warn("Changes of keys could not be read", {{"detail", looked.error().detail}});
    is_failing_ = !looked;
    if (parts_.host.clock().steady() >= next_write_) {
      next_write_ = parts_.host.clock().steady() + kWriteInterval;
      co_await write_uses();
    }
    if (parts_.host.clock().steady() >= next_purge_) {
      next_purge_ = parts_.host.clock().steady() + kPurgeInterval;
      co_await purge();
    }
    co_await on_io(scheduler, thread_);
    tick_.tick();
  }
}

AsyncResult<> ChangeWatch::look(const Call& call) {
  const auto began = parts_.host.clock().steady();
  auto changes = co_await parts_.store.changes_since(call, seen_);
  if (!changes) co_return std::move(changes).error();
  for (const RemoteChange& change : *changes) {
    parts_.versions.moved(change.id);
    seen_ = std::max(seen_, change.number);
  }
  parts_.versions.set_current_until(began + kTrustWithoutNews);
  co_return Done();
}

Task<> ChangeWatch::write_uses() {
  co_await write_uses_of(UsedCredential::api_key, parts_.verified.take_uses());
  co_await write_uses_of(UsedCredential::web_session, parts_.verified_sessions.take_uses());
}

Task<> ChangeWatch::purge() {
  if (!parts_.host.serving()) co_return;
  const Call call("identity-retention", thread_, parts_.host.clock().steady() + kLookLimit);
  const std::int64_t now = parts_.host.clock().unix_micros();
  auto purged = co_await parts_.people.purge_sessions(call, now - kKeptAfterEnd, kPurgeSlice);
  if (!purged) parts_.host.log().warn("Web sessions that ended long ago could not be removed", {{"detail", purged.error().detail}});
  auto swept = co_await parts_.teams.purge_invites(call, now, kPurgeSlice);
  if (!swept) parts_.host.log().warn("Invites that ran out could not be removed", {{"detail", swept.error().detail}});
}

Task<> ChangeWatch::write_uses_of(UsedCredential kind, std::vector<CredentialUse> uses) {
  if (uses.empty()) co_return;
  const Call call("identity-uses", thread_, parts_.host.clock().steady() + kLookLimit);
  auto written = co_await parts_.store.write_uses(call, kind, std::move(uses));
  if (!written) parts_.host.log().warn("The last uses of credentials could not be written", {{"detail", written.error().detail}});
}

}  // namespace driftstack::identity
