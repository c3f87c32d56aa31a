#include "postmark_api.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/support/json.hpp"
#include "driftstack/support/wire.hpp"

namespace driftstack::mail_postmark {
namespace {

constexpr std::int64_t kRateLimitPause = 60;      // seconds; Postmark names none when it slows a server down
constexpr std::int64_t kLongestRatePause = 3600;  // seconds; a wish beyond is not believed

struct MailHeader {
  std::string name, value;
  static constexpr auto shape = wire::object(wire::field<&MailHeader::name>("Name"), wire::field<&MailHeader::value>("Value"));
};

struct Metadata {
  std::string mail_id;
  static constexpr auto shape = wire::object(wire::field<&Metadata::mail_id>("mail_id"));
};

/// The body of POST /email.
struct Email {
  std::string from, to, subject, text, html, stream, tag;
  bool track_opens = false;          // a mail from us holds nothing remote
  std::string track_links = "None";  // and its links go where they say
  std::vector<MailHeader> headers;
  Metadata metadata;
  static constexpr auto shape = wire::object(
      wire::field<&Email::from>("From"), wire::field<&Email::to>("To"), wire::field<&Email::subject>("Subject"),
      wire::field<&Email::text>("TextBody"), wire::field<&Email::html>("HtmlBody"), wire::field<&Email::stream>("MessageStream"),
      wire::field<&Email::tag>("Tag"), wire::field<&Email::track_opens>("TrackOpens"), wire::field<&Email::track_links>("TrackLinks"),
      wire::field<&Email::headers>("Headers"), wire::field<&Email::metadata>("Metadata"));
};

/// `"Name" <address>`; the quotes allow every mark in a name (RFC 5322 section 3.2.4).
std::string sender_text(const MailSender& sender) {
  if (sender.name.empty()) return sender.address;
  std::string text = "\"";
  for (const char c : sender.name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\" <" + sender.address + ">";
}

MailHeader header(const char* name, std::string value) {
  MailHeader header;
  header.name = name;
  header.value = std::move(value);
  return header;
}

std::optional<std::int64_t> retry_after(const OutboundResponse& answer) {
  constexpr std::string_view kName = "retry-after";
  for (const Header& header : answer.headers) {
    const bool is_it = std::equal(header.name.begin(), header.name.end(), kName.begin(), kName.end(),
                                  [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    std::int64_t seconds = 0;
    const char* const end = header.value.data() + header.value.size();
    if (is_it && std::from_chars(header.value.data(), end, seconds).ptr == end && seconds >= 0) return std::min(seconds, kLongestRatePause);
  }
  return std::nullopt;
}

mail::Outcome outcome_of_code(std::int64_t code) noexcept {
  switch (code) {
    case 10:   // bad or missing token
    case 400:  // sender signature not found
    case 401:  // sender signature not confirmed
    case 405:  // out of credit
    case 413:  // account may not send
      return mail::Outcome::account_inactive;
    case 412:
      return mail::Outcome::pending_approval;
    case 406:
      return mail::Outcome::inactive_recipient;
    case 100:  // maintenance
      return mail::Outcome::transport;
    case 429:
      return mail::Outcome::rate_limited;
    case 300:  // invalid e-mail request
    case 402:  // invalid JSON
    case 403:  // incompatible JSON
      return mail::Outcome::invalid_request;
    default:
      // 12xx speak of message streams: the operator's setting, which can be mended while the mail is still of use.
      return code >= 1200 && code < 1300 ? mail::Outcome::account_inactive : mail::Outcome::unknown;
  }
}

mail::Outcome outcome_of_status(int status) noexcept {
  if (status == 401) return mail::Outcome::account_inactive;
  if (status == 413) return mail::Outcome::invalid_request;
  if (status == 429) return mail::Outcome::rate_limited;
  return status >= 500 ? mail::Outcome::transport : mail::Outcome::unknown;
}

}  // namespace

OutboundRequest email_request(const PostmarkServer& server, const mail::Message& message) {
  Email email;
  email.from = sender_text(server.sender);
  email.to = message.to;
  email.subject = message.subject;
  email.text = message.text;
  email.html = message.html;
  email.stream = server.stream_of(message.stream);
  email.tag = message.template_name;
  email.metadata.mail_id = message.id;
  const std::string domain = server.sender.address.substr(server.sender.address.find('@') + 1);
  // The same at every attempt, so that a repeat is one mail for whoever reads it. Postmark keeps the id when it is told to.
  email.headers.push_back(header("Message-ID", "<" + message.id + "@" + domain + ">"));
  email.headers.push_back(header("X-PM-KeepID", "true"));
  email.headers.push_back(header("Auto-Submitted", "auto-generated"));

  OutboundRequest request("POST", server.endpoint + "/email");
  request.headers.emplace_back("accept", "application/json");
  request.headers.emplace_back("content-type", "application/json");
  request.headers.emplace_back("x-postmark-server-token", std::string(server.token.reveal()));
  wire::write(email, request.body);
  return request;
}

mail::Attempt attempt_of(const OutboundResponse& answer) {
  mail::Attempt attempt;
  const auto body = wire::Json::parse(answer.body);
  const auto code_member = body ? body->view().find("ErrorCode") : std::nullopt;
  const std::optional<std::int64_t> code = code_member ? code_member->as_int() : std::nullopt;
  if (answer.status == 200 && code == 0) {
    const auto id = body->view().find("MessageID");
    attempt.reference = id ? id->as_text().value_or("") : "";
    if (attempt.reference.size() > static_cast<std::size_t>(mail::kMaxDetail)) attempt.reference.clear();
    return attempt;
  }
  attempt.outcome = code && *code != 0 ? outcome_of_code(*code) : outcome_of_status(answer.status);
  if (attempt.outcome == mail::Outcome::unknown) attempt.outcome = outcome_of_status(answer.status);
  if (attempt.outcome == mail::Outcome::rate_limited) attempt.retry_after_seconds = retry_after(answer).value_or(kRateLimitPause);
  attempt.detail = "Postmark answered " + std::to_string(answer.status);
  attempt.detail += code ? ", error code " + std::to_string(*code) + "." : " without an error code.";
  return attempt;
}

}  // namespace driftstack::mail_postmark
