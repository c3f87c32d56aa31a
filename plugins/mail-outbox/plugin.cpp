// Mails as files. See README.md.

#include "driftstack/plugin.hpp"

#include <optional>

#include "outbox.hpp"

namespace driftstack::mail_outbox {

class MailOutbox final : public Plugin {
 public:
  explicit MailOutbox(Host& host) : host_(host) {}

  Result<> configure() override {
    auto sender = MailSender::from_text(host_.settings().text("from"));
    if (!sender) return Error(Errc::validation_failed, "from: must be an address such as \"Driftstack <no-reply@example.com>\"");
    outbox_.emplace(host_, *std::move(sender));
    return Done();
  }
  AsyncResult<> start() override {
    const Settings& settings = host_.settings();
    const std::string path = settings.has("folder") ? settings.text("folder") : host_.data_directory();
    co_return outbox_->open(path);
  }
  AsyncResult<> stop() override { co_return Done(); }

  void* provide(InterfaceId id) noexcept override {
    return id == mail::Mailer::kId && outbox_ ? static_cast<mail::Mailer*>(&*outbox_) : nullptr;
  }

 private:
  Host& host_;
  std::optional<Outbox> outbox_;
};

}  // namespace driftstack::mail_outbox

DRIFTSTACK_PLUGIN(driftstack::mail_outbox::MailOutbox)
