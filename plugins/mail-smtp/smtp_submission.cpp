#include "smtp_submission.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "smtp_reply.hpp"

namespace driftstack::mail_smtp {
namespace {

constexpr std::int64_t kPauseAfterLimit = 60;  // seconds; mail servers count by the minute

struct FreeEasy {
  void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

/// What the callbacks of one transfer share.
struct Transfer {
  const Call& call;
  std::string_view unsent;
  SmtpReply refusal;
};

std::size_t read_message(char* out, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::size_t length = std::min(size * count, transfer.unsent.size());
  std::memcpy(out, transfer.unsent.data(), length);
  transfer.unsent.remove_prefix(length);
  return length;
}

/// Every line of the server passes here.
std::size_t note_reply(char* line, std::size_t size, std::size_t count, void* context) {
  std::string_view text(line, size * count);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (const auto reply = SmtpReply::from_line(text); reply.is_refusal()) static_cast<Transfer*>(context)->refusal = reply;
  return size * count;
}

int stop_when_cancelled(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(context)->call.cancelled() ? 1 : 0;
}

void set_connection(CURL* easy, const Submission& submission) {
  const std::string scheme = submission.security == Security::tls ? "smtps://" : "smtp://";
  curl_easy_setopt(easy, CURLOPT_URL, (scheme + submission.server + "/").c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // none from the environment
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  const bool is_clear = submission.security == Security::none;
  curl_easy_setopt(easy, CURLOPT_USE_SSL, static_cast<long>(is_clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (submission.ca_file) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, submission.ca_file->c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);  // that file alone
  }
  if (!submission.username.empty()) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, submission.username.c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, std::string(submission.password.reveal()).c_str());
  }
}

mail::Attempt attempt_of(CURLcode code, const SmtpReply& refusal) {
  mail::Attempt attempt;
  if (code == CURLE_OK) {
    attempt.reference = "250";
    return attempt;
  }
  if (refusal.is_refusal()) {
    attempt.outcome = outcome_of(refusal);
    attempt.detail = "The mail server answered " + refusal.to_text() + ".";
    if (attempt.outcome == mail::Outcome::rate_limited) attempt.retry_after_seconds = kPauseAfterLimit;
    return attempt;
  }
  attempt.outcome = code == CURLE_LOGIN_DENIED ? mail::Outcome::account_inactive : mail::Outcome::transport;
  attempt.detail = std::string("The mail server could not be used: ") + curl_easy_strerror(code) + ".";
  return attempt;
}

}  // namespace

bool is_loopback(std::string_view server) noexcept {
  const auto colon = server.rfind(':');
  const auto host = server.substr(0, colon);
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

Result<> check(const Submission& submission) {
  if (submission.security == Security::none && !is_loopback(submission.server)) {
    return Error(Errc::validation_failed, "security: \"none\" is for a mail server on this machine; use \"starttls\" or \"tls\"");
  }
  if (submission.username.empty() != submission.password.empty()) {
    return Error(Errc::validation_failed, "username: a sign-in needs both username and password");
  }
  return Done();
}

Result<mail::Attempt> submit(const Call& call, const Submission& submission, const Envelope& envelope, std::chrono::milliseconds limit) {
  const std::unique_ptr<CURL, FreeEasy> easy(curl_easy_init());
  const std::unique_ptr<curl_slist, FreeList> recipients(curl_slist_append(nullptr, ("<" + envelope.to + ">").c_str()));
  if (!easy || !recipients) return Error(Errc::unavailable, "mail-smtp: out of memory");
  Transfer transfer{call, envelope.message, SmtpReply()};
  set_connection(easy.get(), submission);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  curl_easy_setopt(easy.get(), CURLOPT_MAIL_FROM, ("<" + envelope.from + ">").c_str());
  curl_easy_setopt(easy.get(), CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(easy.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_READFUNCTION, &read_message);
  curl_easy_setopt(easy.get(), CURLOPT_READDATA, &transfer);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, &note_reply);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy.get(), CURLOPT_XFERINFOFUNCTION, &stop_when_cancelled);
  curl_easy_setopt(easy.get(), CURLOPT_XFERINFODATA, &transfer);
  const CURLcode code = curl_easy_perform(easy.get());
  if (code == CURLE_ABORTED_BY_CALLBACK) return Error(Errc::cancelled, "the call was cancelled");
  return attempt_of(code, transfer.refusal);
}

}  // namespace driftstack::mail_smtp
