#include "sqlite_store.hpp"

#include <catch2/catch.hpp>

namespace driftstack::kernel::test {
namespace {

constinit const db::Statement kCount("SELECT count(*) FROM kernel_idempotency");
constinit const db::Statement kBodies("SELECT body FROM kernel_idempotency");

}  // namespace

SqliteStore::SqliteStore() : plugin_(DRIFTSTACK_SQLITE_PACKAGE) {
  REQUIRE(plugin_.configure());
  REQUIRE(plugin_.start());
  database_ = plugin_.provide<db::Database>();
  REQUIRE(database_ != nullptr);
  restart();
}

void SqliteStore::restart() {
  store_ = std::make_unique<IdempotencyStore>(*database_, host().scheduler(), host().clock(), "node-1");
  const auto call = host().call();
  REQUIRE(run(store_->prepare(*call)));
}

std::int64_t SqliteStore::rows() {
  const auto call = host().call();
  auto rows = run(database_->read(*call, kCount, db::Values()));
  REQUIRE(rows);
  return (*rows)[0].integer(0);
}

std::string SqliteStore::stored_bodies() {
  const auto call = host().call();
  auto rows = run(database_->read(*call, kBodies, db::Values()));
  REQUIRE(rows);
  std::string all;
  for (std::size_t i = 0; i < rows->size(); ++i) all += (*rows)[i].text(0);
  return all;
}

}  // namespace driftstack::kernel::test
