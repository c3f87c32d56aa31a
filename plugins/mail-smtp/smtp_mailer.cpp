#include "smtp_mailer.hpp"

#include <algorithm>

namespace driftstack::mail_smtp {

AsyncResult<mail::Attempt> SmtpMailer::send(const Call& call, mail::Message message) {
  if (auto checked = check_message(message); !checked) co_return std::move(checked).error();
  if (call.cancelled()) co_return Error(Errc::cancelled, "the call was cancelled");
  if (taken_.holds(message.id)) co_return mail::Attempt();
  const IoThread home = host_.scheduler().current_io_thread();
  const std::string bytes = internet_message(message, sender_);
  const Envelope envelope{sender_.address, message.to, bytes};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(call.deadline() - host_.clock().steady());
  const auto limit = std::clamp(left, std::chrono::milliseconds(1), submission_.timeout);
  co_await on_workers(host_.scheduler());
  auto attempt = submit(call, submission_, envelope, limit);
  if (attempt && attempt->outcome == mail::Outcome::ok) taken_.add(message.id);
  if (home != kNoIoThread) co_await on_io(host_.scheduler(), home);
  co_return attempt;
}

}  // namespace driftstack::mail_smtp
