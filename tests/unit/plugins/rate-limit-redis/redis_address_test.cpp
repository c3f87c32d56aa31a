#include <catch2/catch.hpp>
#include <string>
#include <tuple>

#include "redis_address.hpp"

namespace driftstack::rate_limit_redis {
namespace {

TEST_CASE("a Redis URL says where, as whom, and which database") {
  const auto plain = RedisAddress::from_url("redis://redis.internal");
  REQUIRE(plain);
  CHECK_FALSE(plain->tls);
  CHECK(plain->place() == "redis.internal:6379");
  CHECK(plain->database == 0);
  CHECK(plain->password.empty());

  const auto full = RedisAddress::from_url("rediss://lim%40iter:p%3Aw%2F%40@[::1]:7000/12");
  REQUIRE(full);
  CHECK(full->tls);
  CHECK(full->host == "::1");
  CHECK(full->place() == "[::1]:7000");
  CHECK(full->user == "lim@iter");
  CHECK(full->password.reveal() == "p:w/@");
  CHECK(full->database == 12);

  const auto default_user = RedisAddress::from_url("redis://:secret@127.0.0.1:6380/");
  REQUIRE(default_user);
  CHECK(default_user->user.empty());
  CHECK(default_user->password.reveal() == "secret");
  CHECK(default_user->place() == "127.0.0.1:6380");
}

TEST_CASE("a text that is no Redis URL is refused, and the refusal does not repeat it") {
  const std::string url =
      GENERATE("", "redis:", "http://:hunter2@redis", "redis://", "redis://:hunter2@", "redis://hunter2@redis", "redis://:hunter2%2@redis",
               "redis://:hunter2@redis:0", "redis://:hunter2@redis:65536", "redis://:hunter2@redis:6379x", "redis://:hunter2@redis/one",
               "redis://:hunter2@redis/-1", "redis://:hunter2@redis/99999999999", "redis://:hunter2@re dis", "redis://:hunter2@[::1",
               "redis://:hunter2@[]:1", "redis://:hunter2@redis?db=1", "redis://:hunter2@redis#1");
  INFO(url);
  const auto address = RedisAddress::from_url(url);
  REQUIRE_FALSE(address);
  CHECK(address.error().code == Errc::validation_failed);
  CHECK(address.error().detail.find("hunter2") == std::string::npos);
  CHECK(address.error().detail.find("url: ") == 0);
}

}  // namespace
}  // namespace driftstack::rate_limit_redis
