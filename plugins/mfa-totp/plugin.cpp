// Settings and wiring; what the parts do stands in their own files.

#include "driftstack/plugin.hpp"

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/roles/sign_in_desk.hpp"
#include "driftstack/roles/slow_hash.hpp"
#include "driftstack/support/secret_text.hpp"
#include "parts.hpp"

namespace driftstack::mfa_totp {

class MfaTotpPlugin final : public Plugin {
 public:
  explicit MfaTotpPlugin(Host& host) : host_(host), vault_(host.secrets()) {}

  Result<> configure() override {
    if (host_.find<db::Database>() == nullptr || host_.find<AuditLog>() == nullptr || host_.find<SignInDesk>() == nullptr ||
        host_.find<SlowHash>() == nullptr) {
      return Error(Errc::unavailable, "mfa-totp needs a database, an audit log, and a plugin that signs people in.");
    }
    if (auto read = read_keys(); !read) return read;
    parts_.emplace(host_, vault_);
    return Done();
  }

  AsyncResult<> start() override {
    const Call call("mfa-totp-start", host_.scheduler().current_io_thread(), host_.clock().steady() + kStartLimit);
    auto migrated = co_await parts_->store.migrate(call);
    if (!migrated) co_return migrated;
    co_return co_await check_keys(call);
  }

  AsyncResult<> stop() override { co_return Done(); }

  void* provide(InterfaceId id) noexcept override {
    if (!parts_) return nullptr;
    if (id == SecondFactor::kId) return static_cast<SecondFactor*>(&parts_->challenges);
    if (id == RouteSource::kId) return static_cast<RouteSource*>(&parts_->routes);
    return nullptr;
  }

 private:
  static constexpr std::chrono::minutes kStartLimit{5};  // migrations of a large store

  Result<> read_keys() {
    const Settings& settings = host_.settings();
    // The name is part of the contract (identity.md 1.4): it works without a line of configuration.
    const char* const variable = std::getenv("MFA_ENCRYPTION_KEY");
    if (settings.has("encryption_key")) {
      std::string text = settings.secret("encryption_key");
      const SecretText key = SecretText::take(text);
      if (auto added = vault_.add_key(key.reveal()); !added) return added;
    } else if (variable != nullptr) {
      if (auto added = vault_.add_key(variable); !added) return added;
    }
    if (!settings.has("older_encryption_key")) return Done();
    if (!vault_.has_key())
      return Error(Errc::validation_failed, "plugins.mfa-totp.older_encryption_key needs an encryption_key that replaced it.");
    std::string text = settings.secret("older_encryption_key");
    const SecretText key = SecretText::take(text);
    return vault_.add_key(key.reveal());
  }

  /// A lost key is told at the start, not to the first person who cannot sign in.
  AsyncResult<> check_keys(const Call& call) {
    auto ids = co_await parts_->store.list_keys(call);
    if (!ids) co_return std::move(ids).error();
    for (const std::string& id : *ids) {
      if (vault_.knows(id)) continue;
      co_return Error(Errc::validation_failed, "Second factors are sealed under a key that this server does not have (" + id +
                                                   "); give it as plugins.mfa-totp.encryption_key, or as older_encryption_key.");
    }
    co_return Done();
  }

  Host& host_;
  SeedVault vault_;
  std::optional<Parts> parts_;
};

}  // namespace driftstack::mfa_totp

DRIFTSTACK_PLUGIN(driftstack::mfa_totp::MfaTotpPlugin)
