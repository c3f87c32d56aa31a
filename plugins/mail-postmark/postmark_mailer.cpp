#include "postmark_mailer.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace driftstack::mail_postmark {
namespace {

mail::Attempt failed(mail::Outcome outcome, std::string detail) {
  mail::Attempt attempt;
  attempt.outcome = outcome;
  attempt.detail = std::move(detail);
  return attempt;
}

}  // namespace

AsyncResult<mail::Attempt> PostmarkMailer::send(const Call& call, mail::Message message) {
  if (auto checked = check_message(message); !checked) co_return std::move(checked).error();
  if (call.cancelled()) co_return Error(Errc::cancelled, "the call was cancelled");
  if (taken_.holds(message.id)) co_return mail::Attempt();
  auto attempt = co_await this->attempt(call, message);
  if (attempt && attempt->outcome == mail::Outcome::ok) taken_.add(message.id);
  if (call.io_thread() != kNoIoThread) co_await on_io(host_.scheduler(), call.io_thread());
  co_return attempt;
}

AsyncResult<mail::Attempt> PostmarkMailer::attempt(const Call& call, const mail::Message& message) {
  auto reason = co_await suppressions_.reason_against(call, message.to, server_.stream_of(message.stream));
  if (!reason) co_return failed(mail::Outcome::transport, "The list of suppressed addresses was not read.");
  if (*reason) co_return failed(mail::Outcome::inactive_recipient, "Postmark reported the address: " + **reason + ".");
  const auto deadline = std::min<Call::Clock::time_point>(call.deadline(), host_.clock().steady() + timeout_);
  const Call own(std::string(call.request_id()), call.io_thread(), deadline);
  auto answer = co_await host_.outbound_http().send(own, email_request(server_, message));
  if (answer) co_return attempt_of(*answer);
  if (call.cancelled()) co_return Error(Errc::cancelled, "the call was cancelled");
  if (answer.error().code == Errc::timeout && deadline == call.deadline()) co_return std::move(answer).error();
  co_return failed(mail::Outcome::transport, "Postmark was not reached: " + answer.error().detail);
}

}  // namespace driftstack::mail_postmark
