#include "driftstack/plugin.hpp"

#include <memory>

#include "engine.hpp"

namespace driftstack::database_sqlite {

class DatabaseSqlite final : public Plugin {
 public:
  explicit DatabaseSqlite(Host& host) noexcept : host_(host) {}

  Result<> configure() override {
    const Settings& settings = host_.settings();
    EngineOptions options;
    options.path = settings.has("path") ? settings.text("path") : host_.data_directory() + "/driftstack.sqlite";
    options.queue_limit = static_cast<std::size_t>(settings.integer("queue_limit"));
    options.cache_bytes = settings.bytes("cache_size");
    options.sharing = host_.serving() ? Sharing::exclusive : Sharing::beside;
    engine_ = std::make_unique<Engine>(host_.scheduler(), host_.clock(), host_.log(), std::move(options));
    return Done();
  }

  AsyncResult<> start() override {
    const IoThread home = host_.scheduler().current_io_thread();
    co_await on_workers(host_.scheduler());
    auto opened = engine_->open();
    co_await on_io(host_.scheduler(), home);
    co_return opened;
  }

  AsyncResult<> stop() override {
    const IoThread home = host_.scheduler().current_io_thread();
    co_await on_workers(host_.scheduler());
    engine_->close();
    co_await on_io(host_.scheduler(), home);
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

}  // namespace driftstack::database_sqlite

DRIFTSTACK_PLUGIN(driftstack::database_sqlite::DatabaseSqlite)
