#pragma once
// The idempotency store of a server on the database plugin that a server has by default.

#include <memory>
#include <string>

#include "driftstack/roles/database.hpp"
#include "driftstack/testing/plugin_fixture.hpp"
#include "kernel/pipeline/idempotency.hpp"

namespace driftstack::kernel::test {

class SqliteStore {
 public:
  SqliteStore();

  testing::FakeHost& host() noexcept { return plugin_.host(); }
  db::Database& database() noexcept { return *database_; }
  /// The store of the running server.
  IdempotencyStore& store() noexcept { return *store_; }
  /// A server that starts again on the same file: a new store, prepared.
  void restart();
  /// Rows in the table.
  std::int64_t rows();
  /// Every stored answer, one after the other.
  std::string stored_bodies();

  template <class T>
  T run(Task<T> task, IoThread thread = 0) {
    return testing::run(host(), std::move(task), thread);
  }

 private:
  testing::PluginFixture plugin_;
  db::Database* database_ = nullptr;
  std::unique_ptr<IdempotencyStore> store_;
};

}  // namespace driftstack::kernel::test
