#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "driftstack/testing/conformance/database_conformance.hpp"
#include "driftstack/testing/manifest_defaults.hpp"

namespace driftstack::testing {

/// A plain connection beside the plugin, for what a test does behind its back.
class SideConnection {
 public:
  explicit SideConnection(const std::string& url) : connection_(PQconnectdb(url.c_str()), &PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
  }
  /// The first cell of the answer.
  std::string run(const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_.get(), sql.c_str()), &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw std::runtime_error(PQresultErrorMessage(result.get()));
    return PQntuples(result.get()) > 0 ? std::string(PQgetvalue(result.get(), 0, 0)) : std::string();
  }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

/// A database of its own in the cluster that scripts/test-postgres started.
class PostgresStore final : public DatabaseStore {
 public:
  explicit PostgresStore(const std::string& properties = "") : name_("test_" + std::to_string(next_number())) {
    SideConnection(cluster_url()).run("CREATE DATABASE " + name_ + " " + properties);
  }
  ~PostgresStore() override { SideConnection(cluster_url()).run("DROP DATABASE " + name_ + " WITH (FORCE)"); }

  std::string url() const {
    std::string url = cluster_url();
    const std::string path = "/driftstack?";
    return url.replace(url.find(path), path.size(), "/" + name_ + "?");
  }
  MapSettings settings() override { return manifest_defaults(DRIFTSTACK_PLUGIN_MANIFEST).with({{"url", url()}}); }

 private:
  static std::string cluster_url() {
    const char* url = std::getenv("DRIFTSTACK_TEST_POSTGRES_URL");
    if (url == nullptr) throw std::runtime_error("no PostgreSQL: run this program as scripts/test-postgres run PROGRAM");
    return url;
  }
  static int next_number() {
    static std::atomic<int> number{0};
    return ++number;
  }
  std::string name_;
};

}  // namespace driftstack::testing
