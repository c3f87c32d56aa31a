#pragma once
// What the answer of a mail server means for a mail. RFC 5321 section 4.2, RFC 3463.

#include <string>
#include <string_view>

#include "driftstack/roles/mailer.hpp"

namespace driftstack::mail_smtp {

/// The last line of an answer: `550 5.1.1 No such user`. Its words are not kept: they may name the recipient.
struct SmtpReply {
  int code = 0;          ///< 0: none
  int detail_class = 0;  ///< of the enhanced code X.Y.Z (RFC 3463); all 0: none
  int detail_subject = 0, detail = 0;

  static SmtpReply from_line(std::string_view line) noexcept;
  bool is_refusal() const noexcept { return code >= 400; }
  /// `550 5.1.1`
  std::string to_text() const;
};

/// What a refusal means.
mail::Outcome outcome_of(const SmtpReply& refusal) noexcept;

}  // namespace driftstack::mail_smtp
