#include "driftstack/support/internet_message.hpp"

#include <array>
#include <chrono>
#include <cstdio>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/issues.hpp"
#include "driftstack/support/utf8.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack {
namespace {

constexpr std::size_t kLongestLine = 76;         // RFC 2045 section 6.7, rule 5
constexpr std::size_t kLongestPlainHeader = 60;  // beside a header's name within the 78 of RFC 5322 section 2.1.1
constexpr std::size_t kEncodedWordBytes = 39;  // 64 characters as a word: within the 75 of RFC 2047 section 2, and in a header's first line

bool is_plain(std::string_view text) noexcept {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x7F) return false;
  }
  return text.size() <= kLongestPlainHeader && text.find("=?") == std::string_view::npos;
}

/// RFC 2047: words of base64, one per line.
void append_encoded_words(std::string& out, std::string_view text) {
  for (bool is_first = true; !text.empty(); is_first = false) {
    const std::string_view part = utf8_prefix(text, kEncodedWordBytes);
    if (!is_first) out += "\r\n ";
    out += "=?UTF-8?B?";
    append_base64(out, part);
    out += "?=";
    text.remove_prefix(part.size());
  }
}

void append_unstructured(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out += text;
  } else {
    append_encoded_words(out, text);
  }
}

/// RFC 5322 section 3.4: a display name and an address.
void append_sender(std::string& out, const MailSender& sender) {
  if (sender.name.empty()) {
    out += sender.address;
    return;
  }
  if (is_plain(sender.name)) {
    out += '"';
    for (const char c : sender.name) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  } else {
    append_encoded_words(out, sender.name);
  }
  out += "\r\n <" + sender.address + ">";
}

/// RFC 5322 section 3.3, in UTC.
void append_date(std::string& out, std::int64_t micros) {
  using namespace std::chrono;
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_time<microseconds> moment{microseconds{micros}};
  const auto day = floor<days>(moment);
  const year_month_day date(day);
  const hh_mm_ss time(floor<seconds>(moment - day));
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000", kDays[weekday(day).c_encoding()],
                                 static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                                 static_cast<int>(date.year()), static_cast<int>(time.hours().count()),
                                 static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  out.append(text.data(), static_cast<std::size_t>(size));
}

/// RFC 2045 section 6.7. Lines of the text end with LF.
class QuotedPrintable {
 public:
  explicit QuotedPrintable(std::string& out) noexcept : out_(out) {}

  void append(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '\n') {
        end_line();
        continue;
      }
      const bool is_last = i + 1 == text.size() || text[i + 1] == '\n';
      const bool is_literal = (c > ' ' && c < 0x7F && c != '=') || ((c == ' ' || c == '\t') && !is_last);
      is_literal ? put(std::string_view(&c, 1)) : put_escaped(c);
    }
    if (column_ > 0) end_line();
  }

 private:
  void put_escaped(char c) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    const std::array<char, 3> escaped = {'=', kDigits[byte >> 4], kDigits[byte & 0x0F]};
    put(std::string_view(escaped.data(), escaped.size()));
  }
  void put(std::string_view piece) {
    if (column_ + piece.size() >= kLongestLine) {
      out_ += '=';
      end_line();
    }
    out_ += piece;
    column_ += piece.size();
  }
  void end_line() {
    out_ += "\r\n";
    column_ = 0;
  }

  std::string& out_;
  std::size_t column_ = 0;
};

void append_part(std::string& out, const std::string& boundary, std::string_view type, std::string_view content) {
  out += "--" + boundary + "\r\nContent-Type: ";
  out += type;
  out += "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
  QuotedPrintable(out).append(content);
}

Error misuse(const char* what) { return Error(Errc::misuse, std::string("mail: ") + what); }

}  // namespace

std::optional<MailSender> MailSender::from_text(std::string_view text) {
  MailSender sender;
  text = trim(text);
  const auto open = text.rfind('<');
  if (open == std::string_view::npos) {
    sender.address = text;
  } else {
    if (text.back() != '>') return std::nullopt;
    sender.address = text.substr(open + 1, text.size() - open - 2);
    sender.name = trim(text.substr(0, open));
    if (!sender.name.empty() && !mail::is_line(sender.name)) return std::nullopt;
  }
  if (!mail::is_address(sender.address)) return std::nullopt;
  return sender;
}

Result<> check_message(const mail::Message& message) {
  // Read back from its own text, so that every bound stands in the shape alone.
  mail::Message read;
  wire::Issues issues;
  if (wire::read(wire::to_text(message), read, issues) != wire::Outcome::ok) return misuse("the message breaks its shape");
  if (!Uuid::from_text(message.id)) return misuse("the id is no UUID");
  if (!mail::is_address(message.to)) return misuse("the recipient is no address");
  if (!mail::is_line(message.subject) || !mail::is_line(message.template_name)) return misuse("subject or template is not one line");
  return Done();
}

std::string internet_message(const mail::Message& message, const MailSender& sender) {
  // "=_" cannot stand in quoted-printable text, so the boundary is in neither part (RFC 2045 section 6.7).
  const std::string boundary = "=_" + message.id;
  std::string out = "Date: ";
  append_date(out, message.created_at);
  out += "\r\nFrom: ";
  append_sender(out, sender);
  out += "\r\nTo: " + message.to + "\r\nSubject: ";
  append_unstructured(out, message.subject);
  out += "\r\nMessage-ID: <" + message.id + sender.address.substr(sender.address.find('@')) + ">";
  out += "\r\nX-Driftstack-Template: " + message.template_name;
  if (message.stream == mail::Stream::transactional) out += "\r\nAuto-Submitted: auto-generated";  // RFC 3834: no out-of-office answers
  out += "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"" + boundary + "\"\r\n\r\n";
  append_part(out, boundary, "text/plain", message.text);
  append_part(out, boundary, "text/html", message.html);
  out += "--" + boundary + "--\r\n";
  return out;
}

}  // namespace driftstack
