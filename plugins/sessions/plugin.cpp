#include "driftstack/plugin.hpp"

#include <memory>
#include <optional>

#include "archetype_catalog.hpp"
#include "artifacts/artifact_routes.hpp"
#include "artifacts/artifact_sweeper.hpp"
#include "driftstack/support/routes.hpp"
#include "in_flight.hpp"
#include "log/log_routes.hpp"
#include "log/operation_notes.hpp"
#include "log/session_log.hpp"
#include "one_shot/one_shot_routes.hpp"
#include "profiles/profile_copies.hpp"
#include "profiles/profile_routes.hpp"
#include "profiles/profile_store.hpp"
#include "profiles/profiles.hpp"
#include "profiles/state_keeper.hpp"
#include "proxies/proxy_routes.hpp"
#include "routes.hpp"
#include "session_creator.hpp"
#include "session_ender.hpp"
#include "session_lists.hpp"
#include "session_operations.hpp"
#include "session_reaper.hpp"
#include "session_registry.hpp"
#include "snapshots/snapshot_routes.hpp"
#include "store.hpp"
#include "vault/profile_vault.hpp"
#include "view/view_routes.hpp"
#include "view/viewer_page.hpp"

namespace driftstack::sessions {

class SessionsPlugin final : public Plugin {
 public:
  explicit SessionsPlugin(Host& host) noexcept : host_(host) {}

  Result<> configure() override {
    database_ = host_.find<db::Database>();
    audit_ = host_.find<AuditLog>();
    accounts_ = host_.find<AccountDirectory>();
    if (database_ == nullptr || audit_ == nullptr || accounts_ == nullptr) {
      return Error(Errc::unavailable, "sessions needs a database, an audit log and an account directory");
    }
    store_.emplace(*database_, *audit_, host_.settings().text("node"));
    artifact_store_.emplace(*database_);
    log_store_.emplace(*database_);
    log_.emplace(host_, *log_store_);
    notes_.emplace(host_.clock(), *log_, *accounts_);
    if (auto loaded = viewer_page_.load(host_.package_directory()); !loaded) return loaded;
    view_tokens_.emplace(*database_);
    slots_.emplace(*database_, host_.settings().text("node"));
    profile_store_.emplace(*database_, *audit_);
    vault_.emplace(host_, *database_, host_.data_directory() + "/profiles");
    profiles_.emplace(host_, *profile_store_, *vault_, *accounts_, catalog_);
    profile_copies_.emplace(host_, *profile_store_, *accounts_, catalog_);
    snapshot_store_.emplace(*database_);
    snapshots_.emplace(host_, *snapshot_store_, *profile_store_, *accounts_);
    proxy_store_.emplace(*database_, *audit_);
    proxies_.emplace(host_, *proxy_store_, *accounts_, ProxyHostRules(host_.settings().list("proxy_allow")));
    lists_.emplace(host_, *store_, registry_, *profiles_);
    return Done();
  }

  AsyncResult<> start() override {
    Call call("sessions-start", host_.scheduler().current_io_thread(), host_.clock().steady() + kStartLimit);
    auto migrated = co_await store_->migrate(call);
    if (!migrated) co_return std::move(migrated).error();
    auto left_behind = co_await store_->error_left_behind(call, host_.clock().unix_micros());
    if (!left_behind) co_return std::move(left_behind).error();
    auto freed = co_await slots_->free_left_behind(call);
    if (!freed) co_return std::move(freed).error();
    if (*left_behind > 0) host_.log().warn("sessions of an earlier run were ended", {{"count", *left_behind}});
    auto prepared = co_await vault_->prepare(call);
    if (!prepared) co_return prepared;
    connect(host_.find<browser::Backend>());
    in_flight_.spawn(reaper_->run(call.io_thread()));
    in_flight_.spawn(sweeper_->run(call.io_thread()));
    log_running_.spawn(log_->run(call.io_thread()));
    co_return Done();
  }

  AsyncResult<> stop() override {
    const IoThread thread = host_.scheduler().current_io_thread();
    if (backend_ != nullptr) backend_->set_listener(nullptr);
    creator_->close();
    one_shots_->close();
    reaper_->stop();
    sweeper_->stop();
    for (auto& session : registry_.all()) {
      ender_->end_in_background(std::move(session), Ending(EndReason::server, host_.clock().unix_micros(), "The server stopped."));
    }
    co_await in_flight_.drained(thread);
    log_->stop();  // last: what ended noted that it did
    co_await log_running_.drained(thread);
    co_return Done();
  }

  void* provide(InterfaceId id) noexcept override {
    if (id == RouteSource::kId) return static_cast<RouteSource*>(&routes_);
    if (id == AccountUsage::kId) return lists_ ? static_cast<AccountUsage*>(&*lists_) : nullptr;
    return nullptr;
  }

 private:
  void connect(browser::Backend* backend) {
    backend_ = backend;
    if (backend != nullptr) catalog_ = ArchetypeCatalog(backend->archetypes());
    keeper_.emplace(host_, *vault_, backend);
    ender_.emplace(host_, *store_, registry_, in_flight_, *keeper_, backend);
    gate_.emplace(host_, *proxy_store_, backend);
    creator_.emplace(host_, *store_, registry_, *ender_, in_flight_, *accounts_, *profile_store_, *keeper_, *gate_, backend, catalog_);
    artifacts_.emplace(host_, *artifact_store_, host_.find<objects::Store>(), host_.settings().duration("artifact_retention"));
    sweeper_.emplace(host_, *artifacts_);
    operations_.emplace(host_, *store_, registry_, *ender_, in_flight_, *artifacts_, *notes_, backend);
    reaper_.emplace(host_, *store_, registry_, *ender_, *profiles_, host_.settings().duration("retention"));
    handlers_.emplace(*creator_, *lists_, *operations_, *ender_, catalog_);
    handlers_->declare(routes_);
    profile_handlers_.emplace(*profiles_, *profile_copies_, *creator_);
    profile_handlers_->declare(routes_);
    snapshot_handlers_.emplace(*snapshots_);
    snapshot_handlers_->declare(routes_);
    log_handlers_.emplace(host_, *store_, *log_store_, *log_);
    log_handlers_->declare(routes_);
    view_handlers_.emplace(host_, *store_, registry_, *view_tokens_, *accounts_, *notes_, in_flight_, host_.find<browser::View>());
    view_handlers_->declare(routes_);
    viewer_page_.declare(routes_);
    artifact_handlers_.emplace(*artifacts_);
    artifact_handlers_->declare(routes_);
    one_shots_.emplace(host_, *slots_, in_flight_, *accounts_, backend, catalog_);
    one_shot_handlers_.emplace(*one_shots_, *artifacts_);
    one_shot_handlers_->declare(routes_);
    proxy_handlers_.emplace(*proxies_, *gate_);
    proxy_handlers_->declare(routes_);
    if (backend != nullptr) backend->set_listener(&*ender_);
  }

  Host& host_;
  db::Database* database_ = nullptr;
  AuditLog* audit_ = nullptr;
  AccountDirectory* accounts_ = nullptr;
  browser::Backend* backend_ = nullptr;
  InFlight in_flight_{host_.scheduler()};
  InFlight log_running_{host_.scheduler()};
  SessionRegistry registry_;
  ArchetypeCatalog catalog_;
  std::optional<SessionStore> store_;
  std::optional<ProfileStore> profile_store_;
  std::optional<ProfileVault> vault_;
  std::optional<StateKeeper> keeper_;
  std::optional<Profiles> profiles_;
  std::optional<ProfileCopies> profile_copies_;
  std::optional<SnapshotStore> snapshot_store_;
  std::optional<Snapshots> snapshots_;
  std::optional<LogStore> log_store_;
  std::optional<SessionLog> log_;
  std::optional<OperationNotes> notes_;
  std::optional<ArtifactStore> artifact_store_;
  std::optional<Artifacts> artifacts_;
  std::optional<ArtifactSweeper> sweeper_;
  std::optional<ViewTokenStore> view_tokens_;
  std::optional<ViewRoutes> view_handlers_;
  ViewerPage viewer_page_;
  std::optional<SlotStore> slots_;
  std::optional<OneShots> one_shots_;
  std::optional<SavedProxyStore> proxy_store_;
  std::optional<SavedProxies> proxies_;
  std::optional<ProxyGate> gate_;
  std::optional<SessionLists> lists_;
  std::optional<SessionEnder> ender_;
  std::optional<SessionCreator> creator_;
  std::optional<SessionOperations> operations_;
  std::optional<SessionReaper> reaper_;
  std::optional<SessionRoutes> handlers_;
  std::optional<ProfileRoutes> profile_handlers_;
  std::optional<SnapshotRoutes> snapshot_handlers_;
  std::optional<LogRoutes> log_handlers_;
  std::optional<ArtifactRoutes> artifact_handlers_;
  std::optional<OneShotRoutes> one_shot_handlers_;
  std::optional<ProxyRoutes> proxy_handlers_;
  Routes routes_{"Sessions"};
};

}  // namespace driftstack::sessions

DRIFTSTACK_PLUGIN(driftstack::sessions::SessionsPlugin)
