// Settings and wiring; what the parts do stands in their own files.

#include "driftstack/plugin.hpp"

#include <chrono>
#include <optional>

#include "chain.hpp"
#include "chained_log.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/audit_verification.hpp"
#include "driftstack/roles/database.hpp"
#include "export.hpp"
#include "listing.hpp"
#include "routes.hpp"
#include "store.hpp"
#include "verification.hpp"

namespace driftstack::audit {

/// Everything that needs the database, in the order in which it is made.
struct Parts {
  explicit Parts(Host& host)
      : store(*host.find<db::Database>()),
        chain(host.secrets()),
        log(host, chain),
        verification(store, chain),
        listing(store, host.secrets()),
        exporter(store, host.clock()),
        operations(listing, exporter) {
    operations.declare(routes);
  }

  Store store;
  Chain chain;
  ChainedLog log;
  Verification verification;
  Listing listing;
  Export exporter;
  Operations operations;
  Routes routes{"Audit log"};
};

class AuditPlugin final : public Plugin {
 public:
  explicit AuditPlugin(Host& host) noexcept : host_(host) {}

  Result<> configure() override {
    if (host_.find<db::Database>() == nullptr) return Error(Errc::unavailable, "audit needs a database.");
    parts_.emplace(host_);
    return Done();
  }

  AsyncResult<> start() override {
    const Call call("audit-start", host_.scheduler().current_io_thread(), host_.clock().steady() + kStartLimit);
    co_return co_await parts_->store.migrate(call);
  }

  AsyncResult<> stop() override { co_return Done(); }

  void* provide(InterfaceId id) noexcept override {
    if (!parts_) return nullptr;
    if (id == AuditLog::kId) return static_cast<AuditLog*>(&parts_->log);
    if (id == AuditVerification::kId) return static_cast<AuditVerification*>(&parts_->verification);
    if (id == RouteSource::kId) return static_cast<RouteSource*>(&parts_->routes);
    return nullptr;
  }

 private:
  static constexpr std::chrono::minutes kStartLimit{5};  // migrations of a large store

  Host& host_;
  std::optional<Parts> parts_;
};

}  // namespace driftstack::audit

DRIFTSTACK_PLUGIN(driftstack::audit::AuditPlugin)
