#include "live_session.hpp"

#include <utility>

namespace driftstack::sessions {

Status LiveSession::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

bool LiveSession::become_ready() {
  const std::lock_guard lock(mutex_);
  const auto after = next(status_, Event::driver_ready);
  if (after) status_ = *after;
  return after.has_value();
}

Status LiveSession::claim(Operation operation, Moment finish_by) {
  const std::lock_guard lock(mutex_);
  const Status found = status_;
  if (found == Status::ready && controlled_ && operation != Operation::control) return Status::busy;
  if (const auto after = next(found, Event::claimed)) {
    status_ = *after;
    operation_ = operation;
    busy_until_ = finish_by;
  }
  return found;
}

Status LiveSession::release() {
  const std::lock_guard lock(mutex_);
  if (const auto after = next(status_, Event::released)) {
    status_ = *after;
    operation_.reset();
  }
  return status_;
}

bool LiveSession::take_control() {
  const std::lock_guard lock(mutex_);
  if (controlled_ || is_terminal(status_)) return false;
  controlled_ = true;
  return true;
}

void LiveSession::give_control_back() {
  const std::lock_guard lock(mutex_);
  controlled_ = false;
}

bool LiveSession::is_controlled() const {
  const std::lock_guard lock(mutex_);
  return controlled_;
}

bool LiveSession::end(Ending ending) {
  const std::lock_guard lock(mutex_);
  const auto after = next(status_, ending.status() == Status::destroyed ? Event::destroyed : Event::failed);
  if (!after) return false;
  status_ = *after;
  ending_ = std::move(ending);
  return true;
}

void LiveSession::take_seat(const ProfileSeat& seat) {
  const std::lock_guard lock(mutex_);
  seat_ = seat;
}

std::optional<ProfileSeat> LiveSession::state_to_save() const {
  const std::lock_guard lock(mutex_);
  const bool clean = ending_ && ending_->status() == Status::destroyed;
  return clean ? seat_ : std::nullopt;
}

std::optional<Ending> LiveSession::ending() const {
  const std::lock_guard lock(mutex_);
  return ending_;
}

std::optional<Operation> LiveSession::operation() const {
  const std::lock_guard lock(mutex_);
  return operation_;
}

LiveSession::Due LiveSession::due(Moment now) const {
  const std::lock_guard lock(mutex_);
  if (is_terminal(status_)) return carriers_ == 0 ? Due::loose_end : Due::nothing;
  if (expires_at_ && now >= *expires_at_) return Due::expired;
  if (status_ != Status::ready && now >= busy_until_) return Due::hung;
  return Due::nothing;
}

void LiveSession::carrier_came() {
  const std::lock_guard lock(mutex_);
  ++carriers_;
}

void LiveSession::carrier_left() {
  const std::lock_guard lock(mutex_);
  --carriers_;
}

bool LiveSession::row_is_final() const {
  const std::lock_guard lock(mutex_);
  return row_final_;
}

void LiveSession::set_row_final() {
  const std::lock_guard lock(mutex_);
  row_final_ = true;
}

bool LiveSession::take_stop() {
  const std::lock_guard lock(mutex_);
  if (browser_ != Browser::runs) return false;
  browser_ = Browser::stopping;
  return true;
}

void LiveSession::stop_answered(bool gone) {
  const std::lock_guard lock(mutex_);
  browser_ = gone ? Browser::gone : Browser::runs;
}

bool LiveSession::carried_out() const {
  const std::lock_guard lock(mutex_);
  return row_final_ && browser_ == Browser::gone;
}

}  // namespace driftstack::sessions
