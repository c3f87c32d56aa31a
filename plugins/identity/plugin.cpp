// Settings and wiring; what the parts do stands in their own files.

#include "driftstack/plugin.hpp"

#include <chrono>
#include <optional>

#include "driftstack/roles/accounts.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/database.hpp"
#include "mail/template_previews.hpp"
#include "parts.hpp"

namespace driftstack::identity {

class IdentityPlugin final : public Plugin {
 public:
  explicit IdentityPlugin(Host& host) noexcept : host_(host) {}

  Result<> configure() override {
    if (host_.find<db::Database>() == nullptr || host_.find<AuditLog>() == nullptr) {
      return Error(Errc::unavailable, "identity needs a database and an audit log.");
    }
    if (auto read = tiers_.read(host_.settings().table("tiers")); !read) return read;
    parts_.emplace(host_, tiers_);
    return Done();
  }

  AsyncResult<> start() override {
    const Call call("identity-start", host_.scheduler().current_io_thread(), host_.clock().steady() + kStartLimit);
    auto migrated = co_await parts_->store.migrate(call);
    if (!migrated) co_return migrated;
    parts_->pool.start();
    auto watching = co_await parts_->watch.start(call);
    // A command line beside a server leaves the mails to it.
    if (watching && host_.serving()) parts_->mail_worker.start(call.io_thread());
    co_return watching;
  }

  AsyncResult<> stop() override {
    const IoThread thread = host_.scheduler().current_io_thread();
    co_await parts_->mail_worker.stop();
    co_await parts_->watch.stop();
    co_await on_workers(host_.scheduler());  // joining threads may take one derivation
    parts_->pool.stop();
    co_await on_io(host_.scheduler(), thread);
    co_return Done();
  }

  void* provide(InterfaceId id) noexcept override {
    if (id == AccountDirectory::kId) return static_cast<AccountDirectory*>(&tiers_);
    if (!parts_) return nullptr;
    if (id == Authenticator::kId) return static_cast<Authenticator*>(&*parts_);
    if (id == CallerStanding::kId) return static_cast<CallerStanding*>(&parts_->standings);
    if (id == SignInDesk::kId) return static_cast<SignInDesk*>(&parts_->sign_in_counter);
    if (id == SlowHash::kId) return static_cast<SlowHash*>(&parts_->shared_hash);
    if (id == KeyAdministration::kId) return static_cast<KeyAdministration*>(&parts_->operator_keys);
    if (id == MailPreviews::kId) return static_cast<MailPreviews*>(&previews_);
    if (id == RouteSource::kId) return static_cast<RouteSource*>(&parts_->routes);
    return nullptr;
  }

 private:
  static constexpr std::chrono::minutes kStartLimit{5};  // migrations of a large store

  Host& host_;
  Tiers tiers_;
  TemplatePreviews previews_{host_.public_url()};
  std::optional<Parts> parts_;
};

}  // namespace driftstack::identity

DRIFTSTACK_PLUGIN(driftstack::identity::IdentityPlugin)
