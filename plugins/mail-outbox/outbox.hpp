#pragma once
// A folder with one file per mail.

#include <string>
#include <string_view>
#include <utility>

#include "driftstack/host.hpp"
#include "driftstack/roles/mailer.hpp"
#include "driftstack/support/internet_message.hpp"

namespace driftstack::mail_outbox {

class Outbox final : public mail::Mailer {
 public:
  Outbox(Host& host, MailSender sender) : host_(host), sender_(std::move(sender)) {}
  ~Outbox();
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// Opens or makes the folder (0700). Before any send, once.
  Result<> open(const std::string& path);

  AsyncResult<mail::Attempt> send(const Call& call, mail::Message message) override;

 private:
  /// Durable when it answers: temporary file, sync, rename, sync of the folder. [workers]
  Result<> write(const std::string& name, std::string_view bytes) const;

  Host& host_;
  const MailSender sender_;
  int folder_ = -1;
};

}  // namespace driftstack::mail_outbox
