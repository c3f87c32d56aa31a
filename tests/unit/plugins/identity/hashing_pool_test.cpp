#include "plugins/identity/hashing_pool.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "driftstack/testing/fake_host.hpp"

namespace driftstack::identity {
namespace {

Salt salt_of(int number) {
  Salt salt{};
  salt[0] = static_cast<std::uint8_t>(number);
  return salt;
}

/// Asks on an io thread, waits on a thread of the test's own.
std::future<Result<DerivedKey>> derive(testing::FakeHost& host, HashingPool& pool, std::string secret, int salt, IoThread thread = 0) {
  return std::async(std::launch::async, [&host, &pool, secret = std::move(secret), salt, thread] {
    return testing::run(host, pool.derive(HashRequest(secret, salt_of(salt), ScryptCost())), thread);
  });
}

void wait_for_pending(const HashingPool& pool, std::size_t count) {
  while (pool.pending() < count) std::this_thread::yield();
}

}  // namespace

TEST_CASE("the pool derives what scrypt derives, and goes on where it was asked") {
  testing::FakeHost host;
  HashingPool pool(host.scheduler(), {1, 4});
  pool.start();
  IoThread resumed_on = kNoIoThread;
  const auto ask = [&]() -> AsyncResult<DerivedKey> {
    HashRequest request("secret", salt_of(1), ScryptCost());
    auto key = co_await pool.derive(std::move(request));
    resumed_on = host.scheduler().current_io_thread();
    co_return key;
  };
  const auto key = testing::run(host, ask(), 1);
  REQUIRE(key);
  CHECK(resumed_on == 1);
  CHECK(*key == *Scrypt().derive("secret", salt_of(1), ScryptCost()));
}

TEST_CASE("fifty equal requests at once cost one derivation") {
  testing::FakeHost host;
  HashingPool pool(host.scheduler(), {1, 2});  // fifty different ones would not fit
  pool.start();
  std::vector<std::future<Result<DerivedKey>>> answers;
  for (int i = 0; i < 50; ++i) answers.push_back(derive(host, pool, "same", 1, static_cast<IoThread>(i % 2)));
  const auto expected = Scrypt().derive("same", salt_of(1), ScryptCost());
  for (auto& answer : answers) {
    const auto key = answer.get();
    REQUIRE(key);
    CHECK(*key == *expected);
  }
}

TEST_CASE("beyond its queue the pool refuses at once and says when to try again") {
  testing::FakeHost host;
  HashingPool pool(host.scheduler(), {1, 2});
  pool.start();
  std::vector<std::future<Result<DerivedKey>>> answers;
  for (int i = 0; i < 20; ++i) answers.push_back(derive(host, pool, "different", i));
  int refused = 0;
  for (auto& answer : answers) {
    const auto key = answer.get();
    if (key) continue;
    ++refused;
    CHECK(key.error().code == Errc::feature_unavailable);
    CHECK(key.error().retry_after_seconds >= 1);
  }
  CHECK(refused >= 1);
  CHECK(refused <= 19);
  // The twin: the pool serves again as soon as there is room.
  CHECK(derive(host, pool, "later", 99).get());
}

TEST_CASE("stopping ends what waits, lets the running one finish, and refuses what comes later") {
  testing::FakeHost host;
  HashingPool pool(host.scheduler(), {1, 8});
  pool.start();
  std::vector<std::future<Result<DerivedKey>>> answers;
  for (int i = 0; i < 5; ++i) answers.push_back(derive(host, pool, "secret", i));
  wait_for_pending(pool, 5);
  pool.stop();
  int ended = 0;
  for (auto& answer : answers) {
    const auto key = answer.get();
    if (key) continue;
    CHECK(key.error().code == Errc::unavailable);
    ++ended;
  }
  CHECK(ended >= 3);
  const auto late = derive(host, pool, "late", 1).get();
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Errc::unavailable);
}

}  // namespace driftstack::identity
