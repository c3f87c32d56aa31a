#pragma once
// Role Mailer: hands one mail to whatever carries it. Every call is one message that can be written as text.
//
// A mailer does not keep, repeat or render mail: the plugin that sends owns a durable job for it and tries again by what the answer says.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/support/wire.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {
namespace mail {

inline constexpr std::int64_t kMaxAddress = 254;      // RFC 5321 section 4.5.3.1.3, without the angle brackets
inline constexpr std::int64_t kMaxSubject = 200;      // code points; longer ones are cut by readers anyway
inline constexpr std::int64_t kMaxBody = 256 * 1024;  // code points of each form; none of our templates comes near
inline constexpr std::int64_t kMaxTemplateName = 64;  // names of identity.md 13 have at most 27
inline constexpr std::int64_t kMaxDetail = 500;       // code points of what a transport said

/// Which of the provider's lanes carries the mail: what a person asked for, or what many get at once.
enum class Stream : std::uint8_t { transactional, broadcast };
constexpr auto enum_names(Stream) {
  return std::to_array<std::pair<std::string_view, Stream>>({{"transactional", Stream::transactional}, {"broadcast", Stream::broadcast}});
}

/// One mail to one person, in both forms. No attachments, no remote content.
struct Message {
  std::string id;             ///< a lower-case UUID; the same at every attempt, so that a transport can drop a repeat
  std::string template_name;  ///< `signup-verification`; for tags and metrics
  Stream stream = Stream::transactional;
  std::string to;               ///< a bare address: `ada@example.com`
  std::string subject;          ///< one line
  std::string text;             ///< plain text, lines end with LF
  std::string html;             ///< the same as HTML
  std::int64_t created_at = 0;  ///< unix microseconds; becomes the date of the mail, the same at every attempt
  static constexpr auto shape =
      wire::object(wire::field<&Message::id>("id"), wire::field<&Message::template_name>("template", wire::length(1, kMaxTemplateName)),
                   wire::field<&Message::stream>("stream", wire::defaulted), wire::field<&Message::to>("to", wire::length(3, kMaxAddress)),
                   wire::field<&Message::subject>("subject", wire::length(1, kMaxSubject)),
                   wire::field<&Message::text>("text", wire::length(1, kMaxBody)),
                   wire::field<&Message::html>("html", wire::length(1, kMaxBody)), wire::field<&Message::created_at>("created_at"));
};

/// How an attempt ended. platform.md 10.3; `driftstack_email_send_total` counts these.
enum class Outcome : std::uint8_t {
  ok,                  ///< taken over; from here on the transport answers for it
  pending_approval,    ///< the operator's sending account is not approved yet
  inactive_recipient,  ///< the address bounced or complained before: never try this mail again
  account_inactive,    ///< the operator's sending account is closed or out of credit
  invalid_request,     ///< the transport will never take this mail: never try it again
  rate_limited,        ///< try again after `retry_after_seconds`
  transport,           ///< not reachable or broken: try again
  unknown,             ///< anything else: try again
};
constexpr auto enum_names(Outcome) {
  return std::to_array<std::pair<std::string_view, Outcome>>({{"ok", Outcome::ok},
                                                              {"pending-approval", Outcome::pending_approval},
                                                              {"inactive-recipient", Outcome::inactive_recipient},
                                                              {"account-inactive", Outcome::account_inactive},
                                                              {"invalid-request", Outcome::invalid_request},
                                                              {"rate-limited", Outcome::rate_limited},
                                                              {"transport", Outcome::transport},
                                                              {"unknown", Outcome::unknown}});
}

/// May the same mail succeed later? A value that this version does not know may.
constexpr bool may_try_again(Outcome outcome) noexcept {
  return outcome != Outcome::ok && outcome != Outcome::inactive_recipient && outcome != Outcome::invalid_request;
}

/// What became of one attempt.
struct Attempt {
  Outcome outcome = Outcome::ok;
  std::string reference;                 ///< of an accepted mail: the transport's name for it, to find it there
  std::string detail;                    ///< of a refusal: a sentence for the operator's log, without the address
  std::int64_t retry_after_seconds = 0;  ///< wish of the transport; 0 when it has none
  static constexpr auto shape =
      wire::object(wire::field<&Attempt::outcome>("outcome"), wire::field<&Attempt::reference>("reference", wire::max_length(kMaxDetail)),
                   wire::field<&Attempt::detail>("detail", wire::max_length(kMaxDetail)),
                   wire::field<&Attempt::retry_after_seconds>("retry_after_seconds", wire::defaulted, wire::min(0)));
};

/// Is this an address that every transport can carry: `local@domain` of RFC 5322's dot-atoms in ASCII, the domain in letters, digits and
/// dashes with at least one dot? So it needs no quoting, and holds nothing that separates addresses or ends a line.
[[nodiscard]] constexpr bool is_address(std::string_view address) noexcept {
  constexpr std::size_t kMaxLocal = 64;                           // RFC 5321 section 4.5.3.1.1
  constexpr std::size_t kMaxLabel = 63;                           // RFC 1035 section 2.3.4
  constexpr std::string_view kAtomMarks = "!#$%&'*+-/=?^_`{|}~";  // RFC 5322 section 3.2.3
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (address.size() > static_cast<std::size_t>(kMaxAddress)) return false;
  const auto at = address.find('@');
  if (at == std::string_view::npos || at == 0 || at > kMaxLocal) return false;
  char before = '.';
  for (const char c : address.substr(0, at)) {
    if (c == '.' ? before == '.' : !alphanumeric(c) && kAtomMarks.find(c) == std::string_view::npos) return false;
    before = c;
  }
  if (before == '.') return false;
  std::string_view domain = address.substr(at + 1);
  std::size_t labels = 0;
  while (true) {
    const auto dot = domain.find('.');
    const std::string_view label = domain.substr(0, dot);
    if (label.empty() || label.size() > kMaxLabel || label.front() == '-' || label.back() == '-') return false;
    for (const char c : label) {
      if (!alphanumeric(c) && c != '-') return false;
    }
    ++labels;
    if (dot == std::string_view::npos) return labels > 1;
    domain.remove_prefix(dot + 1);
  }
}

/// Is this one line: neither empty nor with control characters? What stands in a header must be.
[[nodiscard]] constexpr bool is_line(std::string_view text) noexcept {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  }
  return !text.empty();
}

/// Implemented by `mail-outbox`, `mail-smtp` and `mail-postmark`.
class Mailer {
 public:
  static constexpr InterfaceId kId{"mail.transport", 1};

  /// Tries once. When it answers `ok` the mail survives a crash of this server. A second message with the same id is the same mail: one
  /// that was taken over already answers `ok` again and is best not delivered twice.
  ///
  /// How the other side took it is an Attempt, not an Error. Errors: Errc::misuse (the message breaks its shape, `to` is no is_address(),
  /// `subject` or `template_name` no is_line(), `id` no UUID; nothing was done), Errc::timeout and Errc::cancelled by the Call. Resumes
  /// its caller on the thread that it came from. [io-thread]
  virtual AsyncResult<Attempt> send(const Call& call, Message message) = 0;

 protected:
  ~Mailer() = default;
};

}  // namespace mail
}  // namespace v1
}  // namespace driftstack
