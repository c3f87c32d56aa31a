#pragma once
// A mailer that remembers what it was given and sends nothing.

#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "driftstack/roles/mailer.hpp"

namespace driftstack::testing {

/// Keeps the contract of mail.transport/1. [any-thread]
///
///   RecordingMailer mails;
///   mails.answer = [](const mail::Message&) { mail::Attempt away; away.outcome = mail::Outcome::transport; return away; };
class RecordingMailer final : public mail::Mailer {
 public:
  /// Asked for each good message; without it every message is taken. Set it while no message is on its way.
  std::function<mail::Attempt(const mail::Message& message)> answer;

  AsyncResult<mail::Attempt> send(const Call& call, mail::Message message) override;

  /// The messages that were taken, each id once, oldest first.
  std::vector<mail::Message> taken() const;
  std::vector<mail::Message> taken(std::string_view template_name) const;
  /// Attempts with good messages, whatever came of them.
  std::size_t attempts() const;

 private:
  mutable std::mutex mutex_;
  std::vector<mail::Message> taken_;
  std::size_t attempts_ = 0;
};

}  // namespace driftstack::testing
