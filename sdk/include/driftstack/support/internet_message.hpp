/// A mail as bytes: RFC 5322 with MIME, for transports that carry whole messages.
///
/// Purpose: one spelling for all of them: two forms of one content (multipart/alternative), both UTF-8 in quoted-printable, so that no line
/// is too long and no byte is lost on the way. Nothing that varies can end a header line. Thread: [any-thread]. Errors: none; the message
/// must have passed `check_message`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "driftstack/result.hpp"
#include "driftstack/roles/mailer.hpp"

namespace driftstack {

/// Who a mail is from: `Driftstack <no-reply@example.com>` or a bare address.
struct MailSender {
  std::string name;  ///< may be empty
  std::string address;

  /// Nothing when the address is no mail::is_address() or the name no single line.
  [[nodiscard]] static std::optional<MailSender> from_text(std::string_view text);
};

/// Errc::misuse when a mailer must refuse the message (see mail::Mailer::send).
[[nodiscard]] Result<> check_message(const mail::Message& message);

/// The whole message with CRLF line ends. The same for every attempt: date and Message-ID come from the message.
[[nodiscard]] std::string internet_message(const mail::Message& message, const MailSender& sender);

}  // namespace driftstack
