#pragma once
// What the conformance suite of the Database role stands on: a plugin started on a store of its own, and ways to call it.
//
// To run the suite on an engine of your own, build one Catch2 program of your plugin's sources, the sources in conformance/database_*.cpp,
// and a definition of make_database_store().

#include <catch2/catch.hpp>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "driftstack/plugin.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/testing/fake_host.hpp"
#include "driftstack/testing/run.hpp"

/// The entry symbol of the plugin under test, which is compiled into the test program.
extern "C" driftstack::Plugin* driftstack_plugin_create_v1(driftstack::Host* host) noexcept;

namespace driftstack::testing {

/// An empty store; removed when destroyed. Implemented by the test program.
class DatabaseStore {
 public:
  virtual ~DatabaseStore() = default;
  /// The plugin's settings for this store, defaults of the manifest included.
  virtual MapSettings settings() = 0;
};

/// Defined by the test program.
std::unique_ptr<DatabaseStore> make_database_store();

/// The plugin, started on a store.
class OpenDatabase {
 public:
  explicit OpenDatabase(DatabaseStore& store) : host_(store.settings()), plugin_(driftstack_plugin_create_v1(&host_)) {
    auto configured = plugin_->configure();
    if (!configured) throw std::runtime_error("configure: " + configured.error().detail);
    started_ = run(host_, plugin_->start());
    database_ = static_cast<db::Database*>(plugin_->provide(db::Database::kId));
    health_ = static_cast<HealthCheck*>(plugin_->provide(HealthCheck::kId));
  }
  ~OpenDatabase() { (void)stop(); }
  OpenDatabase(const OpenDatabase&) = delete;
  OpenDatabase& operator=(const OpenDatabase&) = delete;

  /// Stops the plugin if it was started and is not stopped yet.
  Result<> stop() {
    if (!started_ || stopped_) return Done();
    stopped_ = true;
    return run(host_, plugin_->stop());
  }
  const Result<>& started() const noexcept { return started_; }
  FakeHost& host() noexcept { return host_; }
  db::Database& database() noexcept { return *database_; }
  HealthCheck& health() noexcept { return *health_; }

 private:
  FakeHost host_;
  std::unique_ptr<Plugin> plugin_;
  Result<> started_;
  bool stopped_ = false;
  db::Database* database_ = nullptr;
  HealthCheck* health_ = nullptr;
};

/// Catch2 fixture: a started plugin, and its calls as plain functions for the test's thread.
class DatabaseCase {
 public:
  DatabaseCase() : store_(make_database_store()), open_(std::make_unique<OpenDatabase>(*store_)), call_(host().call()) {
    INFO((open_->started() ? std::string() : open_->started().error().detail));
    REQUIRE(open_->started());
  }

  FakeHost& host() noexcept { return open_->host(); }
  db::Database& database() noexcept { return open_->database(); }
  HealthCheck& health() noexcept { return open_->health(); }
  DatabaseStore& store() noexcept { return *store_; }
  const Call& call() const noexcept { return *call_; }

  /// Stops the plugin and starts a new one on the same store.
  void reopen() {
    call_.reset();
    open_.reset();
    open_ = std::make_unique<OpenDatabase>(*store_);
    call_ = host().call();
    REQUIRE(open_->started());
  }

  Result<db::Rows> read(const db::Statement& statement, db::Values values = {}) {
    return run(host(), database().read(call(), statement, std::move(values)));
  }
  Result<db::Rows> write(const db::Statement& statement, db::Values values = {}) {
    return run(host(), database().write(call(), statement, std::move(values)));
  }
  Result<std::vector<db::Rows>> write_all(db::Batch batch) { return run(host(), database().write_all(call(), std::move(batch))); }
  Result<> migrate(const std::string& plugin, std::span<const db::Migration> migrations) {
    return run(host(), database().migrate(call(), plugin, migrations));
  }
  template <class F>
  Result<> transaction(F& body) {
    return run(host(), db::transaction(database(), call(), body));
  }

  /// Runs `make(i)` for 0 <= i < count, all begun at once and spread over the io threads; waits for all results.
  template <class F>
  auto all_at_once(std::size_t count, F make) {
    using T = typename std::remove_reference_t<decltype(*make(0).operator co_await().await_resume())>;
    return all_at_once_of<Result<std::remove_const_t<T>>>(count, make);
  }

  /// The one cell of a one-row answer.
  std::int64_t number(const db::Statement& statement, db::Values values = {}) {
    auto rows = read(statement, std::move(values));
    INFO((rows ? std::string() : rows.error().detail));
    REQUIRE(rows);
    REQUIRE(rows->size() == 1);
    return (*rows)[0].integer(0);
  }

 private:
  template <class R>
  struct Gathering {
    explicit Gathering(std::size_t count) : results(count), missing(count) {}
    std::vector<std::optional<R>> results;
    std::mutex mutex;
    std::condition_variable complete;
    std::size_t missing;
  };

  template <class R, class F>
  static driftstack::detail::Detached gather(Scheduler& scheduler, F& make, std::size_t index, Gathering<R>& into) {
    co_await on_io(scheduler, static_cast<IoThread>(index % scheduler.io_threads()));
    {
      auto task = make(index);
      R result = co_await task;
      into.results[index].emplace(std::move(result));
    }
    const std::lock_guard lock(into.mutex);
    if (--into.missing == 0) into.complete.notify_all();
  }

  template <class R, class F>
  std::vector<R> all_at_once_of(std::size_t count, F& make) {
    Gathering<R> gathering(count);
    for (std::size_t i = 0; i < count; ++i) gather<R>(host().scheduler(), make, i, gathering);
    std::unique_lock lock(gathering.mutex);
    gathering.complete.wait(lock, [&] { return gathering.missing == 0; });
    std::vector<R> results;
    for (auto& result : gathering.results) results.push_back(std::move(*result));
    return results;
  }

  std::unique_ptr<DatabaseStore> store_;
  std::unique_ptr<OpenDatabase> open_;
  std::unique_ptr<Call> call_;
};

}  // namespace driftstack::testing
