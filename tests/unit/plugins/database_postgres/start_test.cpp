#include "postgres_store.hpp"

namespace driftstack::testing {
namespace {

class UrlStore final : public DatabaseStore {
 public:
  explicit UrlStore(std::string url) : url_(std::move(url)) {}
  MapSettings settings() override { return manifest_defaults(DRIFTSTACK_PLUGIN_MANIFEST).with({{"url", url_}}); }

 private:
  std::string url_;
};

Result<> configure(const std::string& url) {
  FakeHost host(UrlStore(url).settings());
  const std::unique_ptr<Plugin> plugin(driftstack_plugin_create_v1(&host));
  return plugin->configure();
}

TEST_CASE("a URL with a password is refused and never repeated") {
  CHECK(configure("postgresql://user@db.internal:5432/name?sslmode=verify-full"));
  auto refused = configure("postgresql://user:hunter2@db.internal:5432/name");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find("`password`") != std::string::npos);
  CHECK(refused.error().detail.find("hunter2") == std::string::npos);
}

TEST_CASE("a URL that libpq cannot read is refused before anything starts") {
  auto refused = configure("postgresql://db.internal/name?no_such_option=1");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find("no_such_option") != std::string::npos);
}

TEST_CASE("a server that cannot be reached fails the start") {
  UrlStore store("postgresql://user@/name?host=/no/such/folder");
  OpenDatabase open(store);
  REQUIRE_FALSE(open.started());
  CHECK(open.started().error().code == Errc::unreachable);
}

TEST_CASE("a database that sorts text in another order is refused") {
  PostgresStore store("TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'");
  OpenDatabase open(store);
  REQUIRE_FALSE(open.started());
  CHECK(open.started().error().detail.find("LOCALE 'C.UTF-8'") != std::string::npos);
}

TEST_CASE("a database with another encoding is refused") {
  PostgresStore store("TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
  OpenDatabase open(store);
  REQUIRE_FALSE(open.started());
  CHECK(open.started().error().detail.find("LATIN1") != std::string::npos);
}

TEST_CASE("a database whose commits may be lost is refused") {
  PostgresStore store;
  SideConnection(store.url())
      .run("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$");
  OpenDatabase open(store);
  REQUIRE_FALSE(open.started());
  CHECK(open.started().error().detail.find("synchronous_commit") != std::string::npos);
}

}  // namespace
}  // namespace driftstack::testing
