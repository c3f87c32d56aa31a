#pragma once
// One mail as a request to Postmark, and what its answer means. Postmark's documentation, "Email API" and "API error codes".

#include <string>

#include "driftstack/host.hpp"
#include "driftstack/roles/mailer.hpp"
#include "driftstack/support/internet_message.hpp"
#include "driftstack/support/secret_text.hpp"

namespace driftstack::mail_postmark {

/// The operator's place at Postmark.
struct PostmarkServer {
  std::string endpoint;  ///< without a trailing slash
  SecretText token;
  MailSender sender;
  std::string transactional_stream, broadcast_stream;

  const std::string& stream_of(mail::Stream stream) const noexcept {
    return stream == mail::Stream::broadcast ? broadcast_stream : transactional_stream;
  }
};

OutboundRequest email_request(const PostmarkServer& server, const mail::Message& message);

/// Its words are not kept: those of error 406 name the recipient.
mail::Attempt attempt_of(const OutboundResponse& answer);

}  // namespace driftstack::mail_postmark
