#pragma once
// The role over Postmark's HTTP API.

#include <chrono>
#include <utility>

#include "driftstack/host.hpp"
#include "driftstack/roles/mailer.hpp"
#include "driftstack/support/taken_mails.hpp"
#include "postmark_api.hpp"
#include "suppression_store.hpp"

namespace driftstack::mail_postmark {

class PostmarkMailer final : public mail::Mailer {
 public:
  PostmarkMailer(Host& host, PostmarkServer server, std::chrono::microseconds timeout, SuppressionStore& suppressions)
      : host_(host), server_(std::move(server)), timeout_(timeout), suppressions_(suppressions) {}

  AsyncResult<mail::Attempt> send(const Call& call, mail::Message message) override;

 private:
  AsyncResult<mail::Attempt> attempt(const Call& call, const mail::Message& message);

  Host& host_;
  const PostmarkServer server_;
  const std::chrono::microseconds timeout_;
  SuppressionStore& suppressions_;
  TakenMails taken_;
};

}  // namespace driftstack::mail_postmark
