#include "plugins/identity/credential_versions.hpp"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "driftstack/support/random_bytes.hpp"

namespace driftstack::identity {

TEST_CASE("what was read before a change is not current after it, and what was read after it is") {
  CredentialVersions versions;
  const Uuid id = random_uuid();
  const ChangeStamp before = versions.now();
  CHECK(versions.unchanged_since(before, id));
  versions.moved(id);
  CHECK_FALSE(versions.unchanged_since(before, id));
  CHECK(versions.unchanged_since(versions.now(), id));
}

TEST_CASE("a change of one id leaves others alone") {
  CredentialVersions versions;
  const ChangeStamp before = versions.now();
  versions.moved(random_uuid());
  int untouched = 0;
  for (int i = 0; i < 100; ++i) untouched += versions.unchanged_since(before, random_uuid()) ? 1 : 0;
  CHECK(untouched >= 95);  // ids may share a slot with the changed one: one in 4096
}

TEST_CASE("changes from many threads are all seen") {
  CredentialVersions versions;
  const Uuid id = random_uuid();
  std::vector<std::thread> threads;
  std::atomic<int> missed{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 2000; ++k) {
        const ChangeStamp before = versions.now();
        versions.moved(id);
        if (versions.unchanged_since(before, id)) ++missed;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(missed == 0);
  CHECK(versions.now() == 8000);
}

TEST_CASE("without news nothing is current") {
  CredentialVersions versions;
  const auto now = std::chrono::steady_clock::now();
  CHECK_FALSE(versions.is_current(now));
  versions.set_current_until(now + std::chrono::seconds(1));
  CHECK(versions.is_current(now));
  CHECK(versions.is_current(now + std::chrono::milliseconds(999)));
  CHECK_FALSE(versions.is_current(now + std::chrono::seconds(1)));
}

}  // namespace driftstack::identity
