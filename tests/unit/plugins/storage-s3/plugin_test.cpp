#include <catch2/catch.hpp>

#include "driftstack/roles/object_store.hpp"
#include "driftstack/testing/plugin_fixture.hpp"
#include "s3_simulator.hpp"

namespace driftstack::storage_s3 {
namespace {

using namespace driftstack::testing;

TEST_CASE("a setting that cannot work is refused before anything starts, by its name") {
  struct Row {
    const char *setting, *value;
  };
  const auto row = GENERATE(values<Row>({{"endpoint", "https://s3.example.com/box"},
                                         {"public_endpoint", "ftp://x"},
                                         {"prefix", "a"},
                                         {"prefix", "A/"},
                                         {"prefix", "../"},
                                         {"bucket", "My_Box"}}));
  INFO(row.setting << " = " << row.value);
  MapSettings::Entry endpoint{"endpoint", "https://s3.example.com"}, bucket{"bucket", "box"};
  if (std::string_view(row.setting) == "endpoint") endpoint.second = row.value;
  if (std::string_view(row.setting) == "bucket") bucket.second = row.value;
  PluginFixture plugin(DRIFTSTACK_PLUGIN_PACKAGE,
                       {endpoint, bucket, {"access_key_id", "x"}, {"secret_access_key", "y"}, {row.setting, row.value}});
  const auto configured = plugin.configure();
  REQUIRE_FALSE(configured);
  if (std::string_view(row.setting) != "bucket") CHECK(configured.error().detail.starts_with(row.setting));
}

TEST_CASE("links name the public endpoint, requests the other") {
  PluginFixture plugin(DRIFTSTACK_PLUGIN_PACKAGE, {{"endpoint", "https://inside.example.com"},
                                                   {"public_endpoint", "https://files.example.com"},
                                                   {"bucket", "box"},
                                                   {"access_key_id", "AKIDTEST"},
                                                   {"secret_access_key", "secret"}});
  REQUIRE(plugin.configure());
  const auto call = plugin.host().call();
  objects::Presign message;
  message.key = "a";
  auto* store = plugin.provide<objects::Store>();
  REQUIRE(store != nullptr);
  CHECK(run(plugin.host(), store->presign(*call, std::move(message)))->url.starts_with("https://files.example.com/box/a?X-Amz-"));
  objects::Head head;
  head.key = "a";
  CHECK_FALSE(run(plugin.host(), store->head(*call, std::move(head))));
  CHECK(plugin.host().outbound_http().requests().at(0).url == "https://inside.example.com/box/a");
}

TEST_CASE("a bucket that everybody may list stops the start; one that is away does not") {
  const auto look = [](World& world) {
    const auto call = world.fake.call();
    return run(world.fake, world.store.look(*call));
  };
  S3Simulator open({"--public"});
  World exposed({}, open);
  const auto refused = look(exposed);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::forbidden);
  World closed;
  CHECK(look(closed));
  CHECK(closed.fake.log().lines().empty());
  WorldOptions options;
  options.secret = "wrong";
  World locked(options);
  CHECK(look(locked));
  CHECK(locked.fake.log().mentions("SignatureDoesNotMatch"));
}

}  // namespace
}  // namespace driftstack::storage_s3
