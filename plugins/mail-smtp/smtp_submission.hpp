#pragma once
// One mail over one connection, by libcurl.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/mailer.hpp"
#include "driftstack/support/secret_text.hpp"

namespace driftstack::mail_smtp {

enum class Security : std::uint8_t { starttls, tls, none };

/// Where mails go and as whom. Constant after configure().
struct Submission {
  std::string server;  ///< `host:port`
  Security security = Security::starttls;
  std::optional<std::string> ca_file;
  std::string username;  ///< empty: no sign-in
  SecretText password;
  std::chrono::milliseconds timeout{20000};
};

/// Is this a place on this machine: a loopback address, or `localhost`?
bool is_loopback(std::string_view server) noexcept;

/// Errc::validation_failed when secrets would travel in the clear.
Result<> check(const Submission& submission);

/// The envelope of one mail and what is in it.
struct Envelope {
  std::string from, to;
  std::string_view message;
};

/// Connects, hands over the message and waits for the answer. Blocks for at most `limit`: workers only. Errc::cancelled.
Result<mail::Attempt> submit(const Call& call, const Submission& submission, const Envelope& envelope, std::chrono::milliseconds limit);

}  // namespace driftstack::mail_smtp
