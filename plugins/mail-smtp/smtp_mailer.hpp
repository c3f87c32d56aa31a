#pragma once
// The role over SMTP.

#include <deque>
#include <mutex>
#include <string>
#include <utility>

#include "driftstack/host.hpp"
#include "driftstack/roles/mailer.hpp"
#include "driftstack/support/internet_message.hpp"
#include "smtp_submission.hpp"

namespace driftstack::mail_smtp {

class SmtpMailer final : public mail::Mailer {
 public:
  SmtpMailer(Host& host, Submission submission, MailSender sender)
      : host_(host), submission_(std::move(submission)), sender_(std::move(sender)) {}

  AsyncResult<mail::Attempt> send(const Call& call, mail::Message message) override;

 private:
  bool was_taken(const std::string& id);
  void note_taken(const std::string& id);

  Host& host_;
  const Submission submission_;
  const MailSender sender_;
  std::mutex mutex_;
  std::deque<std::string> taken_;  ///< ids of the last mails that were handed over, oldest first
};

}  // namespace driftstack::mail_smtp
