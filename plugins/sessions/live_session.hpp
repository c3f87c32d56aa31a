#pragma once
// A session that runs on this server, and the one place where its events are put in order.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "driftstack/roles/audit_log.hpp"
#include "once_done.hpp"
#include "profiles/profile_seat.hpp"
#include "session.hpp"

namespace driftstack::sessions {

using Moment = std::chrono::steady_clock::time_point;

/// How a session ended: decided once, carried out until row and browser agree.
struct Ending {
  Ending(EndReason reason, std::int64_t ended_at, std::string detail) : reason(reason), ended_at(ended_at), detail(std::move(detail)) {}

  /// DELETE and the duration cap are clean ends; everything else is a failure.
  Status status() const noexcept {
    return reason == EndReason::customer || reason == EndReason::duration_cap ? Status::destroyed : Status::errored;
  }

  EndReason reason;
  std::int64_t ended_at;
  std::string detail;               ///< for the log and for the caller whose operation it cut short
  std::optional<AuditEntry> audit;  ///< clean ends only
};

/// Compare-and-set over the state machine. The memory of the server that runs the browser decides who wins, because a session never leaves
/// that server; the row follows and repeats the condition. Shared by the registry and by the operation that runs. [any-thread]
class LiveSession {
 public:
  LiveSession(const SessionId& id, const Uuid& account, Moment start_by, std::optional<Moment> expires_at)
      : id_(id), account_(account), busy_until_(start_by), expires_at_(expires_at) {}

  const SessionId& id() const noexcept { return id_; }
  const Uuid& account() const noexcept { return account_; }
  Status status() const;

  /// The browser stands. False when the session ended before.
  bool become_ready();
  /// Takes the session for one operation, which must answer by `finish_by`. Answers the status that was found: `ready` means taken. While a
  /// person is in control, every operation but `control` finds it busy.
  Status claim(Operation operation, Moment finish_by);
  /// Gives the session back after an operation. Answers the status after: `ready`, unless an end came first.
  Status release();
  /// A person takes over: nothing that runs is cut short, nothing else begins. False when another one is in control, or it has ended.
  bool take_control();
  void give_control_back();
  bool is_controlled() const;
  /// Ends the session. Only the first end counts; true when it was this one.
  bool end(Ending ending);

  /// The browser has the state of this profile.
  void take_seat(const ProfileSeat& seat);
  /// The profile whose state the browser has to give back: after a clean end only.
  std::optional<ProfileSeat> state_to_save() const;
  /// The first who carries out the end gives the state back; the row waits for that.
  OnceDone& saving() noexcept { return saving_; }

  /// How it ended; nothing while it runs.
  std::optional<Ending> ending() const;
  /// The operation that runs, or ran when the end came.
  std::optional<Operation> operation() const;

  /// What the reaper has to do about this session.
  enum class Due : std::uint8_t { nothing, hung, expired, loose_end };
  Due due(Moment now) const;

  /// Carrying out the end: the row first, the browser once. While somebody does it, it is no loose end.
  void carrier_came();
  void carrier_left();
  bool row_is_final() const;
  void set_row_final();
  /// True for the one caller that may stop the browser now.
  bool take_stop();
  void stop_answered(bool gone);
  bool carried_out() const;

 private:
  enum class Browser : std::uint8_t { runs, stopping, gone };

  const SessionId id_;
  const Uuid account_;
  mutable std::mutex mutex_;
  Status status_ = Status::creating;
  std::optional<Operation> operation_;
  bool controlled_ = false;
  Moment busy_until_;  ///< start or operation must have answered by then
  std::optional<Moment> expires_at_;
  std::optional<Ending> ending_;
  std::optional<ProfileSeat> seat_;
  OnceDone saving_;
  int carriers_ = 0;
  bool row_final_ = false;
  Browser browser_ = Browser::runs;
};

}  // namespace driftstack::sessions
