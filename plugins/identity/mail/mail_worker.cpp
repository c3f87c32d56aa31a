#include "mail_worker.hpp"

#include <algorithm>
#include <vector>

#include "mail_preferences.hpp"

namespace driftstack::identity {
namespace {

constexpr std::chrono::seconds kAttemptLimit{30};
// Twice an attempt: the store's own calls fit in too. A server that dies in between leaves the mail to the next one after this.
constexpr std::chrono::seconds kLease{60};
constexpr std::chrono::seconds kStoreLimit{10};
constexpr std::chrono::seconds kFirstDelay{5};
constexpr std::chrono::seconds kLongestDelay{600};
constexpr std::int64_t kDelayGrowth = 4;

std::int64_t micros(std::chrono::microseconds duration) noexcept { return duration.count(); }

std::string_view outcome_name(mail::Outcome outcome) noexcept {
  for (const auto& [name, value] : mail::enum_names(mail::Outcome())) {
    if (value == outcome) return name;
  }
  return "unknown";
}

mail::Attempt failed(mail::Outcome outcome, std::string detail) {
  mail::Attempt attempt;
  attempt.outcome = outcome;
  attempt.detail = std::move(detail);
  return attempt;
}

}  // namespace

std::chrono::seconds retry_delay(std::int64_t attempts, std::int64_t wished_seconds) noexcept {
  std::chrono::seconds delay = kFirstDelay;
  for (std::int64_t i = 1; i < attempts && delay < kLongestDelay; ++i) delay *= kDelayGrowth;
  const std::chrono::seconds wished{std::clamp<std::int64_t>(wished_seconds, 0, std::chrono::seconds(std::chrono::hours(1)).count())};
  return std::max(std::min(delay, kLongestDelay), wished);
}

MailWorker::MailWorker(Parts parts) : parts_(parts), tick_(parts.host.worker("identity-mails")) {}

void MailWorker::start(IoThread thread) {
  thread_ = thread;
  finished_.emplace(parts_.host.scheduler(), thread_);
  driftstack::start(loop(), [this]() noexcept { finished_->set(); });
}

Task<> MailWorker::stop() {
  if (!finished_) co_return;
  stopping_.store(true, std::memory_order_release);
  FinishedSignal& finished = *finished_;  // g++ 12 would copy what a dereference in the expression yields
  co_await finished;
}

Task<> MailWorker::loop() {
  Scheduler& scheduler = parts_.host.scheduler();
  while (!stopping_.load(std::memory_order_acquire)) {
    const auto next = parts_.host.clock().steady() + parts_.interval;
    co_await until(scheduler, next, thread_);
    if (stopping_.load(std::memory_order_acquire)) break;
    auto sent = co_await send_due();
    if (!sent && !is_failing_) parts_.host.log().warn("Mails that are due could not be read or written", {{"detail", sent.error().detail}});
    is_failing_ = !sent;
    co_await on_io(scheduler, thread_);
    tick_.tick();
  }
}

AsyncResult<> MailWorker::send_due() {
  Clock& clock = parts_.host.clock();
  const IoThread thread = parts_.host.scheduler().current_io_thread();
  while (!stopping_.load(std::memory_order_acquire)) {
    co_await on_io(parts_.host.scheduler(), thread);  // where the mailer left it is anybody's guess
    const Call call("identity-mails", thread, clock.steady() + kStoreLimit);
    auto due = co_await parts_.store.has_due(call, clock.unix_micros());  // a look costs no write
    if (!due) co_return std::move(due).error();
    if (!*due) break;
    const std::int64_t now = clock.unix_micros();
    auto job = co_await parts_.store.claim(call, now, now + micros(kLease));
    if (!job) co_return std::move(job).error();
    if (!*job) break;  // another server was faster
    auto sent = co_await send(std::move(**job));
    if (!sent) co_return sent;
  }
  co_return Done();
}

AsyncResult<> MailWorker::send(MailJob job) {
  Clock& clock = parts_.host.clock();
  const IoThread thread = parts_.host.scheduler().current_io_thread();
  const Call first_call("identity-mails", thread, clock.steady() + kStoreLimit);
  auto wanted = co_await is_wanted(first_call, job);
  if (!wanted) co_return std::move(wanted).error();
  std::int64_t next_attempt = 0;
  if (*wanted) {
    const Call call("identity-mail-" + job.id.to_text(), thread, clock.steady() + kAttemptLimit);
    auto tried = co_await attempt(call, job);
    const mail::Attempt outcome = tried ? *std::move(tried) : failed(mail::Outcome::unknown, tried.error().detail);
    outcomes(job.template_name, outcome.outcome).add(1);
    if (outcome.outcome != mail::Outcome::ok) {
      parts_.host.log().warn("A mail was not taken", {{"template", job.template_name},
                                                      {"outcome", outcome_name(outcome.outcome)},
                                                      {"attempts", job.attempts},
                                                      {"detail", outcome.detail}});
    }
    if (mail::may_try_again(outcome.outcome)) {
      next_attempt = clock.unix_micros() + micros(retry_delay(job.attempts, outcome.retry_after_seconds));
    }
  }
  const Call call("identity-mails", thread, clock.steady() + kStoreLimit);
  if (next_attempt == 0) co_return co_await parts_.store.remove(call, std::move(job));
  co_return co_await parts_.store.put_off(call, std::move(job), next_attempt);
}

AsyncResult<bool> MailWorker::is_wanted(const Call& call, const MailJob& job) {
  if (parts_.delivery == Delivery::stub || !job.account || job.expires_at <= parts_.host.clock().unix_micros()) co_return false;
  if (!is_optional_mail(job.template_name)) co_return true;
  auto unwanted = co_await parts_.store.unwanted(call, *job.account);
  if (!unwanted) co_return std::move(unwanted).error();
  co_return std::find(unwanted->begin(), unwanted->end(), job.template_name) == unwanted->end();
}

AsyncResult<mail::Attempt> MailWorker::attempt(const Call& call, const MailJob& job) {
  auto details = parts_.seal.open(job);
  const auto kind = template_from_name(job.template_name);
  // Nothing will make such a row readable, so it is no use to keep it.
  if (!details) co_return failed(mail::Outcome::invalid_request, "The stored mail cannot be opened.");
  if (!kind) co_return failed(mail::Outcome::unknown, "The template belongs to another version of the server.");
  auto* const mailer = parts_.host.find<mail::Mailer>();
  if (mailer == nullptr) co_return failed(mail::Outcome::transport, "No plugin fills the role of mailer.");
  mail::Message message = render(*kind, *details);
  message.id = job.id.to_text();
  message.created_at = job.created_at;
  auto sent = co_await mailer->send(call, std::move(message));
  if (sent) co_return *std::move(sent);
  if (sent.error().code == Errc::misuse) co_return failed(mail::Outcome::invalid_request, sent.error().detail);
  co_return failed(mail::Outcome::transport, sent.error().detail);
}

Counter& MailWorker::outcomes(const std::string& template_name, mail::Outcome outcome) {
  Counter*& counter = counters_[{template_name, outcome}];
  if (counter == nullptr) {
    std::vector<Label> labels;
    labels.emplace_back("template", template_name);
    labels.emplace_back("outcome", std::string(outcome_name(outcome)));
    counter = &parts_.host.metrics().counter("driftstack_email_send_total", "Attempts to send a mail by template and outcome.",
                                             std::move(labels));
  }
  return *counter;
}

}  // namespace driftstack::identity
