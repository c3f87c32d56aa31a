// Mails by Postmark's HTTP API. See README.md.

#include "driftstack/plugin.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "bounce_webhook.hpp"
#include "driftstack/roles/database.hpp"
#include "postmark_mailer.hpp"

namespace driftstack::mail_postmark {
namespace {

constexpr std::chrono::seconds kStartLimit{60};

SecretText secret_of(std::string text) { return SecretText::take(text); }

}  // namespace

/// Everything that needs the database, in the order in which it is made.
struct Parts {
  Parts(Host& host, db::Database& database, PostmarkServer server, SecretText webhook_credentials)
      : suppressions(database, host.secrets()),
        webhook(host, suppressions, std::move(webhook_credentials), server.transactional_stream),
        mailer(host, std::move(server), host.settings().duration("timeout"), suppressions) {
    webhook.declare(routes);
  }
  SuppressionStore suppressions;
  BounceWebhook webhook;
  PostmarkMailer mailer;
  Routes routes{"Webhooks"};
};

class MailPostmark final : public Plugin {
 public:
  explicit MailPostmark(Host& host) : host_(host) {}

  Result<> configure() override {
    const Settings& settings = host_.settings();
    auto* const database = host_.find<db::Database>();
    if (database == nullptr) return Error(Errc::unavailable, "mail-postmark needs a database.");
    auto sender = MailSender::from_text(settings.text("from"));
    if (!sender) return Error(Errc::validation_failed, "from: must be an address such as \"Driftstack <no-reply@example.com>\"");
    PostmarkServer server;
    server.endpoint = settings.text("endpoint");
    while (!server.endpoint.empty() && server.endpoint.back() == '/') server.endpoint.pop_back();
    server.token = secret_of(settings.secret("server_token"));
    server.sender = *std::move(sender);
    server.transactional_stream = settings.text("transactional_stream");
    server.broadcast_stream = settings.text("broadcast_stream");
    SecretText credentials;
    if (settings.has("webhook_password"))
      credentials = secret_of(settings.text("webhook_user") + ":" + settings.secret("webhook_password"));
    parts_.emplace(host_, *database, std::move(server), std::move(credentials));
    return Done();
  }

  AsyncResult<> start() override {
    const Call call("mail-postmark-start", host_.scheduler().current_io_thread(), host_.clock().steady() + kStartLimit);
    co_return co_await parts_->suppressions.migrate(call);
  }
  AsyncResult<> stop() override { co_return Done(); }

  void* provide(InterfaceId id) noexcept override {
    if (!parts_) return nullptr;
    if (id == mail::Mailer::kId) return static_cast<mail::Mailer*>(&parts_->mailer);
    if (id == RouteSource::kId) return static_cast<RouteSource*>(&parts_->routes);
    return nullptr;
  }

 private:
  Host& host_;
  std::optional<Parts> parts_;
};

}  // namespace driftstack::mail_postmark

DRIFTSTACK_PLUGIN(driftstack::mail_postmark::MailPostmark)
