#include "smtp_reply.hpp"

#include <algorithm>
#include <charconv>

namespace driftstack::mail_smtp {
namespace {

/// Reads a number of one to three digits from the front of the text.
bool take_number(std::string_view& text, int& number) noexcept {
  const char* const end = text.data() + std::min<std::size_t>(text.size(), 3);
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || number < 0) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return true;
}

bool take(std::string_view& text, char c) noexcept {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

SmtpReply SmtpReply::from_line(std::string_view line) noexcept {
  SmtpReply reply;
  int code = 0;
  if (!take_number(line, code) || code < 200 || code > 599 || (!line.empty() && line.front() != ' ')) return reply;
  reply.code = code;
  if (!take(line, ' ')) return reply;
  SmtpReply enhanced = reply;
  const bool is_enhanced = take_number(line, enhanced.detail_class) && take(line, '.') && take_number(line, enhanced.detail_subject) &&
                           take(line, '.') && take_number(line, enhanced.detail) && enhanced.detail_class == code / 100;
  return is_enhanced ? enhanced : reply;
}

std::string SmtpReply::to_text() const {
  std::string text = std::to_string(code);
  if (detail_class != 0) text += " " + std::to_string(detail_class) + "." + std::to_string(detail_subject) + "." + std::to_string(detail);
  return text;
}

mail::Outcome outcome_of(const SmtpReply& refusal) noexcept {
  constexpr int kNoRoom = 452;                               // too many recipients or mails for now
  constexpr int kAddressing = 1, kMailbox = 2, kPolicy = 7;  // RFC 3463 section 3
  constexpr int kMailboxDisabled = 1;
  const bool is_final = refusal.code >= 500;
  if (refusal.code == 530 || refusal.code == 534 || refusal.code == 535) return mail::Outcome::account_inactive;  // RFC 4954
  if (!is_final) {
    const bool is_limit = refusal.code == kNoRoom || refusal.detail_subject == kPolicy;
    return is_limit ? mail::Outcome::rate_limited : mail::Outcome::transport;
  }
  // Not the recipient's fault but that of our account or address: an operator can mend it while the mail is still of use.
  if (refusal.detail_subject == kPolicy) return mail::Outcome::account_inactive;
  if (refusal.detail_subject == kAddressing) return mail::Outcome::inactive_recipient;
  if (refusal.detail_subject == kMailbox && refusal.detail == kMailboxDisabled) return mail::Outcome::inactive_recipient;
  const bool names_mailbox = refusal.code == 550 || refusal.code == 551 || refusal.code == 553;  // RFC 5321 section 4.2.3
  if (refusal.detail_class == 0 && names_mailbox) return mail::Outcome::inactive_recipient;
  return mail::Outcome::invalid_request;
}

}  // namespace driftstack::mail_smtp
