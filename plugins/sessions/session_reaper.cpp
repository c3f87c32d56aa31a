#include "session_reaper.hpp"

#include <utility>

namespace driftstack::sessions {
namespace {

constexpr std::chrono::hours kPurgePeriod{1};    // rows live for days; an hour more is nothing
constexpr std::chrono::seconds kPurgeLimit{10};  // one slice of 500 rows takes milliseconds

}  // namespace

Task<> SessionReaper::run(IoThread thread) {
  WorkerTick& worker = host_.worker("sessions.reaper");
  while (!stopping_.load()) {
    const Moment now = host_.clock().steady();
    end_what_is_due(now);
    if (now >= next_purge_) co_await purge(now, thread);
    worker.tick();
    co_await until(host_.scheduler(), host_.clock().steady() + kPeriod, thread);
  }
}

void SessionReaper::end_what_is_due(Moment now) {
  const std::int64_t unix_now = host_.clock().unix_micros();
  for (auto& session : registry_.all()) {
    switch (session->due(now)) {
      case LiveSession::Due::nothing:
        break;
      case LiveSession::Due::hung:
        ender_.end_in_background(std::move(session), Ending(EndReason::driver, unix_now, "The browser did not answer in time."));
        break;
      case LiveSession::Due::expired: {
        Ending ending = ending_by_duration_cap(session->account(), session->id(), unix_now);
        ender_.end_in_background(std::move(session), std::move(ending));
        break;
      }
      case LiveSession::Due::loose_end:
        ender_.carry_out_in_background(std::move(session));
        break;
    }
  }
}

Task<> SessionReaper::purge(Moment now, IoThread thread) {
  next_purge_ = now + kPurgePeriod;
  co_await purge_rows(thread);
  co_await purge_trash(thread);
}

Task<> SessionReaper::purge_rows(IoThread thread) {
  const std::int64_t before = host_.clock().unix_micros() - retention_.count();
  while (!stopping_.load()) {
    Call call("session-purge", thread, host_.clock().steady() + kPurgeLimit);
    auto deleted = co_await store_.delete_ended(call, before);
    if (!deleted) host_.log().error("old session rows could not be deleted", {{"error", deleted.error().detail}});
    if (!deleted || *deleted == 0) co_return;
  }
}

Task<> SessionReaper::purge_trash(IoThread thread) {
  while (!stopping_.load()) {
    Call call("profile-purge", thread, host_.clock().steady() + kPurgeLimit);
    auto purged = co_await profiles_.purge_expired(call);
    if (!purged) host_.log().error("old profiles could not be purged", {{"error", purged.error().detail}});
    if (!purged || *purged == 0) co_return;
  }
}

}  // namespace driftstack::sessions
