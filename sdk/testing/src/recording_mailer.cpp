#include "driftstack/testing/recording_mailer.hpp"

#include <algorithm>
#include <utility>

#include "driftstack/support/internet_message.hpp"

namespace driftstack::testing {

AsyncResult<mail::Attempt> RecordingMailer::send(const Call& call, mail::Message message) {
  if (auto checked = check_message(message); !checked) co_return std::move(checked).error();
  if (call.cancelled()) co_return Error(Errc::cancelled, "the call was cancelled");
  mail::Attempt attempt;
  if (answer) attempt = answer(message);
  const std::lock_guard lock(mutex_);
  ++attempts_;
  if (attempt.outcome != mail::Outcome::ok) co_return attempt;
  if (attempt.reference.empty()) attempt.reference = message.id;
  const bool is_repeat = std::any_of(taken_.begin(), taken_.end(), [&](const mail::Message& one) { return one.id == message.id; });
  if (!is_repeat) taken_.push_back(std::move(message));
  co_return attempt;
}

std::vector<mail::Message> RecordingMailer::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

std::vector<mail::Message> RecordingMailer::taken(std::string_view template_name) const {
  std::vector<mail::Message> found;
  for (auto& message : taken()) {
    if (message.template_name == template_name) found.push_back(std::move(message));
  }
  return found;
}

std::size_t RecordingMailer::attempts() const {
  const std::lock_guard lock(mutex_);
  return attempts_;
}

}  // namespace driftstack::testing
