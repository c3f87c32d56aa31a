// Mails by SMTP. See README.md.

#include "driftstack/plugin.hpp"

#include <optional>
#include <utility>

#include "smtp_mailer.hpp"

namespace driftstack::mail_smtp {
namespace {

Security security_of(const std::string& text) {
  if (text == "tls") return Security::tls;
  return text == "none" ? Security::none : Security::starttls;
}

Submission submission_of(const Settings& settings) {
  Submission submission;
  submission.server = settings.text("server");
  submission.security = security_of(settings.text("security"));
  if (settings.has("ca_file")) submission.ca_file = settings.text("ca_file");
  if (settings.has("username")) submission.username = settings.text("username");
  if (settings.has("password")) {
    std::string password = settings.secret("password");
    submission.password = SecretText::take(password);
  }
  submission.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(settings.duration("timeout"));
  return submission;
}

}  // namespace

class MailSmtp final : public Plugin {
 public:
  explicit MailSmtp(Host& host) : host_(host) {}

  Result<> configure() override {
    auto sender = MailSender::from_text(host_.settings().text("from"));
    if (!sender) return Error(Errc::validation_failed, "from: must be an address such as \"Driftstack <no-reply@example.com>\"");
    Submission submission = submission_of(host_.settings());
    if (auto checked = check(submission); !checked) return checked;
    mailer_.emplace(host_, std::move(submission), *std::move(sender));
    return Done();
  }
  AsyncResult<> start() override { co_return Done(); }
  AsyncResult<> stop() override { co_return Done(); }

  void* provide(InterfaceId id) noexcept override {
    return id == mail::Mailer::kId && mailer_ ? static_cast<mail::Mailer*>(&*mailer_) : nullptr;
  }

 private:
  Host& host_;
  std::optional<SmtpMailer> mailer_;
};

}  // namespace driftstack::mail_smtp

DRIFTSTACK_PLUGIN(driftstack::mail_smtp::MailSmtp)
