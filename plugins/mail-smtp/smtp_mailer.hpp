#pragma once
// The role over SMTP.

#include <utility>

#include "driftstack/host.hpp"
#include "driftstack/roles/mailer.hpp"
#include "driftstack/support/internet_message.hpp"
#include "driftstack/support/taken_mails.hpp"
#include "smtp_submission.hpp"

namespace driftstack::mail_smtp {

class SmtpMailer final : public mail::Mailer {
 public:
  SmtpMailer(Host& host, Submission submission, MailSender sender)
      : host_(host), submission_(std::move(submission)), sender_(std::move(sender)) {}

  AsyncResult<mail::Attempt> send(const Call& call, mail::Message message) override;

 private:
  Host& host_;
  const Submission submission_;
  const MailSender sender_;
  TakenMails taken_;
};

}  // namespace driftstack::mail_smtp
