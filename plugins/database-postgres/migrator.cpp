#include "migrator.hpp"

#include <algorithm>
#include <array>
#include <pqxx/pqxx>
#include <string_view>
#include <vector>

#include "driftstack/support/migration_plan.hpp"

namespace driftstack::database_postgres {
namespace {

/// The oldest server that its makers still mend (2026-11: 14).
constexpr int kOldestServer = 140000;
/// Locks of starting servers wait for each other here: "driftmig" in ASCII.
constexpr const char* kMigrationLock = "7237963439898716519";
constexpr std::array<std::string_view, 4> kByteOrders{"C", "POSIX", "C.UTF-8", "C.utf8"};

/// Runs `work` with a connection of its own and turns libpqxx's exceptions into errors.
template <class F>
Result<> with_connection(const std::string& connection_text, F work) {
  try {
    pqxx::connection connection(connection_text);
    return work(connection);
  } catch (const pqxx::broken_connection& problem) {
    const std::string message = problem.what();
    return Error(Errc::unreachable, "cannot connect to PostgreSQL: " + message.substr(0, message.find('\n')));
  } catch (const pqxx::sql_error& problem) {
    const std::string message = problem.what();
    const bool constraint = problem.sqlstate().compare(0, 2, "23") == 0;
    return Error(constraint ? Errc::constraint : Errc::internal, message.substr(0, message.find('\n')));
  } catch (const std::exception& problem) {
    return Error(Errc::internal, problem.what());
  }
}

Result<> check_facts(const pqxx::row& facts) {
  if (facts[0].as<int>() < kOldestServer) {
    return Error(Errc::unavailable, "PostgreSQL is version " + facts[1].as<std::string>() + "; 14 or newer is needed");
  }
  if (facts[2].as<std::string>() != "UTF8") {
    return Error(Errc::unavailable, "the database has encoding " + facts[2].as<std::string>() + "; UTF8 is needed");
  }
  const auto collation = facts[3].as<std::string>();
  const bool bytes = std::find(kByteOrders.begin(), kByteOrders.end(), collation) != kByteOrders.end();
  if (!bytes || facts[4].as<std::string>() == "i") {
    return Error(Errc::unavailable, "the database sorts text by " + collation +
                                        "; C or C.UTF-8 is needed: CREATE DATABASE ... TEMPLATE template0 LOCALE 'C.UTF-8'");
  }
  if (facts[5].as<std::string>() == "off") {
    return Error(Errc::unavailable, "synchronous_commit is off for this database or user: answered writes could be lost; set it on");
  }
  return Done();
}

Result<> apply(pqxx::connection& connection, const std::string& plugin, const db::Migration& migration, std::int64_t now) {
  try {
    pqxx::work work(connection);
    work.exec(migration.sql);
    work.exec_params("INSERT INTO driftstack_migrations (plugin, number, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)", plugin,
                     migration.number, migration.name, db::migration_checksum(migration.sql), now);
    work.commit();
    return Done();
  } catch (const pqxx::sql_error& problem) {
    const std::string message = problem.what();
    const bool constraint = problem.sqlstate().compare(0, 2, "23") == 0;
    return Error(constraint ? Errc::constraint : Errc::internal, "migration " + std::to_string(migration.number) + " of " + plugin + " (" +
                                                                     migration.name + "): " + message.substr(0, message.find('\n')));
  }
}

Result<> apply_pending(pqxx::connection& connection, const std::string& plugin, std::span<const db::Migration> migrations,
                       std::int64_t now) {
  std::vector<db::AppliedMigration> applied;
  {
    pqxx::work work(connection);
    work.exec(
        "CREATE TABLE IF NOT EXISTS driftstack_migrations (plugin text NOT NULL, number bigint NOT NULL, name text NOT NULL, "
        "checksum text NOT NULL, applied_at bigint NOT NULL, PRIMARY KEY (plugin, number))");
    for (const auto& row :
         work.exec_params("SELECT number, checksum FROM driftstack_migrations WHERE plugin = $1 ORDER BY number", plugin)) {
      applied.emplace_back(row[0].as<std::int64_t>(), row[1].as<std::string>());
    }
    work.commit();
  }
  auto first = db::first_pending_migration(plugin, applied, migrations);
  if (!first) return std::move(first).error();
  for (const auto& migration : migrations.subspan(*first)) {
    if (auto done = apply(connection, plugin, migration, now); !done) return done;
  }
  return Done();
}

}  // namespace

Result<> check_database(const std::string& connection_text) {
  return with_connection(connection_text, [](pqxx::connection& connection) {
    pqxx::nontransaction query(connection);
    return check_facts(query.exec1(
        "SELECT current_setting('server_version_num'), current_setting('server_version'), pg_encoding_to_char(encoding), datcollate, "
        "coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'), current_setting('synchronous_commit') FROM pg_database d "
        "WHERE datname = current_database()"));
  });
}

Result<> migrate_database(const std::string& connection_text, const std::string& plugin, std::span<const db::Migration> migrations,
                          std::int64_t now) {
  return with_connection(connection_text, [&](pqxx::connection& connection) {
    {
      pqxx::nontransaction lock(connection);  // of this connection, so it ends with it
      lock.exec("SET client_min_messages = warning");
      lock.exec("SELECT pg_advisory_lock(" + std::string(kMigrationLock) + ")");
    }
    return apply_pending(connection, plugin, migrations, now);
  });
}

}  // namespace driftstack::database_postgres
