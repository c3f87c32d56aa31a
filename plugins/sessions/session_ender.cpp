#include "session_ender.hpp"

#include <chrono>
#include <utility>

namespace driftstack::sessions {
namespace {

// State, row and browser of an end belong to no request: the caller may be gone. Twice what a browser may take for its state.
constexpr std::chrono::seconds kEndLimit{60};

std::string audit_payload(EndReason reason) { return "{\"reason\":\"" + std::string(name_of(reason)) + "\"}"; }

}  // namespace

Ending ending_by_customer(const Call& call, const SessionId& id, std::int64_t now) {
  Ending ending(EndReason::customer, now, "The session was destroyed.");
  ending.audit = AuditEntry::by_caller(call, "session.destroyed");
  ending.audit->target = id.to_text();
  ending.audit->payload = audit_payload(ending.reason);
  return ending;
}

Ending ending_by_duration_cap(const Uuid& account, const SessionId& id, std::int64_t now) {
  Ending ending(EndReason::duration_cap, now, "The session reached the duration cap of its tier.");
  ending.audit = AuditEntry(account, AuditActor::system, "session.destroyed");
  ending.audit->target = id.to_text();
  ending.audit->payload = audit_payload(ending.reason);
  return ending;
}

Error error_of(const Ending& ending) {
  const bool destroyed = ending.status() == Status::destroyed;
  return Error(destroyed ? Errc::session_destroyed : Errc::driver_error, ending.detail);
}

AsyncResult<> SessionEnder::carry_out(std::shared_ptr<LiveSession> session) {
  Call call("session-end", host_.scheduler().current_io_thread(), host_.clock().steady() + kEndLimit);
  session->carrier_came();
  co_await save_state(call, *session);
  auto row = co_await finish_row(call, *session);
  if (session->take_stop()) co_await stop_browser(call, *session);
  session->carrier_left();
  if (session->carried_out()) registry_.forget(session->id());
  co_return row;
}

/// Before the row: with it the profile is free for the next session, which must find this state.
Task<> SessionEnder::save_state(const Call& call, LiveSession& session) {
  OnceDone& saving = session.saving();
  if (!saving.begin()) {
    co_await saving.finished(call.io_thread());
    co_return;
  }
  const auto seat = session.state_to_save();
  if (seat) co_await keeper_.save(call, session.id().to_text(), *seat);
  saving.finish(host_.scheduler());
}

AsyncResult<> SessionEnder::finish_row(const Call& call, LiveSession& session) {
  if (session.row_is_final()) co_return Done();
  const auto ending = session.ending();
  if (!ending) co_return Error(Errc::misuse, "This session has not ended.");
  auto changed = co_await store_.end(call, session.account(), session.id(), *ending);
  if (!changed) co_return std::move(changed).error();
  session.set_row_final();
  if (*changed) log_end(session, *ending);
  co_return Done();
}

Task<> SessionEnder::stop_browser(const Call& call, LiveSession& session) {
  if (backend_ == nullptr) {
    session.stop_answered(true);
    co_return;
  }
  browser::Stop message;
  message.session_id = session.id().to_text();
  auto stopped = co_await backend_->stop(call, std::move(message));
  session.stop_answered(stopped.has_value());
  if (!stopped) {
    host_.log().error("a browser could not be stopped", {{"session", session.id().to_text()}, {"error", stopped.error().detail}});
    co_return;
  }
  if (stopped->traffic.connections > 0 || stopped->traffic.refused > 0) log_traffic(session.id().to_text(), stopped->traffic);
}

AsyncResult<> SessionEnder::destroy(const Call& call, const Uuid& account, SessionId id) {
  const InFlight::Token token(in_flight_);
  Ending ending = ending_by_customer(call, id, host_.clock().unix_micros());
  if (auto live = registry_.find(account, id)) {
    live->end(std::move(ending));
    co_return co_await carry_out(std::move(live));
  }
  auto changed = co_await store_.end(call, account, id, ending);
  if (!changed) co_return std::move(changed).error();
  if (*changed) co_return Done();
  auto row = co_await store_.find(call, account, id);
  if (!row) co_return std::move(row).error();
  if (!*row) co_return Error(Errc::not_found, "There is no such session.");
  co_return Done();
}

void SessionEnder::browser_gone(std::string session_id, std::string reason, browser::Traffic traffic) noexcept {
  const auto id = SessionId::from_text(session_id);
  if (!id) return;
  auto session = registry_.find(*id);
  if (!session) return;
  const EndReason why = session->status() == Status::ready ? EndReason::runtime : EndReason::driver;
  log_traffic(session_id, traffic);
  end_in_background(std::move(session), Ending(why, host_.clock().unix_micros(), "The browser ended by itself: " + reason));
}

void SessionEnder::end_in_background(std::shared_ptr<LiveSession> session, Ending ending) {
  session->end(std::move(ending));
  carry_out_in_background(std::move(session));
}

void SessionEnder::carry_out_in_background(std::shared_ptr<LiveSession> session) {
  in_flight_.spawn(carry_out_unwatched(std::move(session)));
}

Task<> SessionEnder::carry_out_unwatched(std::shared_ptr<LiveSession> session) {
  const std::string id = session->id().to_text();
  auto done = co_await carry_out(std::move(session));
  if (!done) host_.log().error("the end of a session could not be stored yet", {{"session", id}, {"error", done.error().detail}});
}

void SessionEnder::log_end(const LiveSession& session, const Ending& ending) const {
  const auto operation = session.operation();
  host_.log().info("session ended", {{"session", session.id().to_text()},
                                     {"reason", name_of(ending.reason)},
                                     {"operation", operation ? name_of(*operation) : std::string_view("none")},
                                     {"detail", ending.detail}});
}

void SessionEnder::log_traffic(const std::string& session, const browser::Traffic& traffic) const {
  host_.log().info("session traffic", {{"session", session},
                                       {"bytes_in", traffic.bytes_in},
                                       {"bytes_out", traffic.bytes_out},
                                       {"connections", traffic.connections},
                                       {"refused", traffic.refused}});
}

}  // namespace driftstack::sessions
