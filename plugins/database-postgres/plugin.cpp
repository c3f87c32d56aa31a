#include "driftstack/plugin.hpp"

#include <memory>

#include "engine.hpp"

namespace driftstack::database_postgres {

class DatabasePostgres final : public Plugin {
 public:
  explicit DatabasePostgres(Host& host) noexcept : host_(host) {}

  Result<> configure() override {
    const Settings& settings = host_.settings();
    auto info = ConnectionInfo::parse(settings.text("url"), settings.has("password") ? settings.secret("password") : std::string());
    if (!info) return std::move(info).error();
    EngineOptions options;
    options.leases = static_cast<std::size_t>(settings.integer("leases"));
    options.queue_limit = static_cast<std::size_t>(settings.integer("queue_limit"));
    engine_ = std::make_unique<Engine>(host_.scheduler(), host_.clock(), host_.log(), std::move(*info), options);
    return Done();
  }

  AsyncResult<> start() override { return engine_->open(); }

  AsyncResult<> stop() override {
    co_await engine_->close();
    co_return Done();
  }

  void* provide(InterfaceId id) noexcept override {
    if (id == db::Database::kId) return static_cast<db::Database*>(engine_.get());
    if (id == HealthCheck::kId) return static_cast<HealthCheck*>(engine_.get());
    return nullptr;
  }

 private:
  Host& host_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace driftstack::database_postgres

DRIFTSTACK_PLUGIN(driftstack::database_postgres::DatabasePostgres)
