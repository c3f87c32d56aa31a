#include "plugins/identity/verified_keys.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "driftstack/support/random_bytes.hpp"

namespace driftstack::identity {
namespace {

constexpr std::int64_t kMinute = 60'000'000;

KeyPrefix prefix(int number) { return *prefix_of("ds_live_" + std::to_string(100000 + number) + std::string(34, 'x')); }

VerifiedKey key(ChangeStamp stamp, std::int64_t used_at = 0) {
  VerifiedKey verified;
  verified.principal.credential = random_uuid();
  verified.stamp = stamp;
  verified.used_at = used_at;
  return verified;
}

}  // namespace

TEST_CASE("a remembered key is found until it is forgotten") {
  VerifiedKeys keys(1000);
  CHECK_FALSE(keys.find(prefix(1)));
  keys.remember(prefix(1), key(7));
  REQUIRE(keys.find(prefix(1)));
  CHECK(keys.find(prefix(1))->stamp == 7);
  CHECK_FALSE(keys.find(prefix(2)));
  keys.forget(prefix(1));
  CHECK_FALSE(keys.find(prefix(1)));
}

TEST_CASE("an older reading of the row never replaces a later one") {
  VerifiedKeys keys(1000);
  keys.remember(prefix(1), key(9));
  keys.remember(prefix(1), key(8));
  CHECK(keys.find(prefix(1))->stamp == 9);
  keys.remember(prefix(1), key(10));
  CHECK(keys.find(prefix(1))->stamp == 10);
}

TEST_CASE("the memory is bounded, and the keys that were not used go first") {
  constexpr int kCapacity = 640;
  VerifiedKeys keys(kCapacity);
  for (int i = 0; i < 5000; ++i) {
    keys.remember(prefix(i), key(1, i));
    keys.note_use(prefix(0), (i + 2) * kMinute);
  }
  CHECK(keys.size() <= kCapacity);
  CHECK(keys.find(prefix(0)));
  CHECK(keys.find(prefix(4999)));
}

TEST_CASE("uses are noted once a minute and handed out once") {
  VerifiedKeys keys(1000);
  const VerifiedKey verified = key(1);
  keys.remember(prefix(1), verified);
  CHECK(keys.take_uses().empty());

  keys.note_use(prefix(1), 10 * kMinute);
  keys.note_use(prefix(1), 11 * kMinute - 1);
  auto uses = keys.take_uses();
  REQUIRE(uses.size() == 1);
  CHECK(uses[0].credential == verified.principal.credential);
  CHECK(uses[0].used_at == 10 * kMinute);
  CHECK(keys.take_uses().empty());

  keys.note_use(prefix(1), 11 * kMinute);
  uses = keys.take_uses();
  REQUIRE(uses.size() == 1);
  CHECK(uses[0].used_at == 11 * kMinute);
}

TEST_CASE("a use of a key that had to go is still written") {
  VerifiedKeys keys(1);  // one key per shard
  std::size_t noted = 0;
  for (int i = 0; i < 500; ++i) {
    keys.remember(prefix(i), key(1));
    keys.note_use(prefix(i), 10 * kMinute);
    ++noted;
  }
  CHECK(keys.take_uses().size() == noted);
}

TEST_CASE("a refreshed key keeps when it was last used") {
  VerifiedKeys keys(1000);
  keys.remember(prefix(1), key(1));
  keys.note_use(prefix(1), 10 * kMinute);
  keys.remember(prefix(1), key(2));
  CHECK(keys.find(prefix(1))->used_at == 10 * kMinute);
  CHECK(keys.take_uses().size() == 1);
}

}  // namespace driftstack::identity
