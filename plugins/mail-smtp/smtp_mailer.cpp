#include "smtp_mailer.hpp"

#include <algorithm>

namespace driftstack::mail_smtp {
namespace {

// A mail is handed over twice when its sender could not note the first time: seconds to minutes later, not thousands of mails later.
constexpr std::size_t kRememberedMails = 1024;

}  // namespace

AsyncResult<mail::Attempt> SmtpMailer::send(const Call& call, mail::Message message) {
  if (auto checked = check_message(message); !checked) co_return std::move(checked).error();
  if (call.cancelled()) co_return Error(Errc::cancelled, "the call was cancelled");
  if (was_taken(message.id)) co_return mail::Attempt();
  const IoThread home = host_.scheduler().current_io_thread();
  const std::string bytes = internet_message(message, sender_);
  const Envelope envelope{sender_.address, message.to, bytes};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call.deadline() - host_.clock().steady());
  const auto limit = std::clamp(left, std::chrono::milliseconds(1), submission_.timeout);
  co_await on_workers(host_.scheduler());
  auto attempt = submit(call, submission_, envelope, limit);
  if (attempt && attempt->outcome == mail::Outcome::ok) note_taken(message.id);
  if (home != kNoIoThread) co_await on_io(host_.scheduler(), home);
  co_return attempt;
}

bool SmtpMailer::was_taken(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return std::find(taken_.begin(), taken_.end(), id) != taken_.end();
}

void SmtpMailer::note_taken(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (taken_.size() == kRememberedMails) taken_.pop_front();
  taken_.push_back(id);
}

}  // namespace driftstack::mail_smtp
