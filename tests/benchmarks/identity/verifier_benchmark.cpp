// What it costs to answer for a known key, against what nobody can go under: one SHA-256 and one look-up in a hash map.

#include <openssl/evp.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "driftstack/support/random_bytes.hpp"
#include "driftstack/testing/manual_clock.hpp"
#include "driftstack/testing/test_scheduler.hpp"
#include "kernel/runtime/clock.hpp"
#include "kernel/runtime/master_key.hpp"
#include "kernel/runtime/metrics.hpp"
#include "kernel/runtime/secrets.hpp"
#include "plugins/identity/api_key_verifier.hpp"

namespace {

using namespace driftstack;
using namespace driftstack::identity;

constexpr std::uint32_t kRounds = 1'000'000;
constexpr std::size_t kKeys = 1000;

/// Never reached: every key is known.
class NoDatabase final : public db::Database {
 public:
  AsyncResult<db::Rows> read(const Call&, const db::Statement&, db::Values) override { co_return absent(); }
  AsyncResult<db::Rows> write(const Call&, const db::Statement&, db::Values) override { co_return absent(); }
  AsyncResult<std::vector<db::Rows>> write_all(const Call&, db::Batch) override { co_return absent(); }
  AsyncResult<> transaction(const Call&, db::TransactionBody&) override { co_return absent(); }
  AsyncResult<> migrate(const Call&, std::string, std::span<const db::Migration>) override { co_return absent(); }
  std::string_view engine() const noexcept override { return "none"; }

 private:
  static Error absent() { return Error(Errc::unavailable, "there is no database in this benchmark"); }
};

/// Processor time of this thread, so that what else the machine does counts little.
double thread_nanoseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

template <class F>
double nanoseconds_each(F function) {
  double best = std::numeric_limits<double>::max();
  for (int run = 0; run < 3; ++run) {
    const double start = thread_nanoseconds();
    for (std::uint32_t i = 0; i < kRounds; ++i) function(i);
    best = std::min(best, (thread_nanoseconds() - start) / kRounds);
  }
  return best;
}

/// SHA-256 with everything fetched and allocated before, then a look-up by the digest's first bytes.
class Floor {
 public:
  explicit Floor(const std::vector<std::string>& tokens) {
    for (const std::string& token : tokens) known_.emplace(digest(token), known_.size());
  }
  std::size_t find(const std::string& token) { return known_.find(digest(token))->second; }

 private:
  std::uint64_t digest(const std::string& token) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned int size = 0;
    EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr);
    EVP_DigestUpdate(context_.get(), token.data(), token.size());
    EVP_DigestFinal_ex(context_.get(), out.data(), &size);
    std::uint64_t head = 0;
    std::memcpy(&head, out.data(), sizeof head);
    return head;
  }
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm_{EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free};
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  std::unordered_map<std::uint64_t, std::size_t> known_;
};

}  // namespace

int main() {
  kernel::SystemClock clock;
  const auto master_key = kernel::MasterKey::generate();
  if (!master_key) return 1;
  kernel::EnvelopeSecrets secrets(*master_key);
  kernel::MetricRegistry metrics;
  driftstack::testing::ManualClock unused_clock;
  driftstack::testing::TestScheduler scheduler(unused_clock, 1, 1);
  NoDatabase database;
  Store store(database);
  HashingPool pool(scheduler, {1, 1});
  KeyDigests digests(secrets, pool);
  VerifiedKeys verified(16384);
  CredentialVersions versions;
  versions.set_current_until(clock.steady() + std::chrono::hours(1));
  Tiers tiers;
  AuthOutcomes outcomes(metrics);
  ApiKeyVerifier verifier({store, digests, clock, verified, versions, tiers, outcomes, ApiAccessGate::closed});

  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < kKeys; ++i) {
    tokens.push_back(random_api_key(KeyEnvironment::live));
    VerifiedKey key;
    key.gate = digests.gate(tokens.back());
    key.principal.account = random_uuid();
    key.principal.credential = random_uuid();
    key.expires_at = std::numeric_limits<std::int64_t>::max();
    key.stamp = versions.now();
    key.used_at = clock.unix_micros();
    verified.remember(*prefix_of(tokens.back()), key);
  }
  Floor floor(tokens);
  std::size_t sink = 0;
  const double bare = nanoseconds_each([&](std::uint32_t i) { sink += floor.find(tokens[i % kKeys]); });
  const double mac = nanoseconds_each([&](std::uint32_t i) { sink += digests.gate(tokens[i % kKeys])[0]; });
  const double one = nanoseconds_each([&](std::uint32_t) { sink += verifier.verify_now(tokens[0])->has_value() ? 1 : 0; });
  const double many = nanoseconds_each([&](std::uint32_t i) { sink += verifier.verify_now(tokens[i % kKeys])->has_value() ? 1 : 0; });
  double shared = 0;
  {
    std::thread other([&] {
      for (std::uint32_t i = 0; i < 3 * kRounds; ++i) (void)verifier.verify_now(tokens[0]);
    });
    shared = nanoseconds_each([&](std::uint32_t) { sink += verifier.verify_now(tokens[0])->has_value() ? 1 : 0; });
    other.join();
  }
  std::printf("SHA-256 and look-up      %7.0f ns\n", bare);
  std::printf("keyed digest of the host %7.0f ns\n", mac);
  std::printf("known key, one           %7.0f ns  ratio %.2f\n", one, one / bare);
  std::printf("known key, %zu of them %7.0f ns  ratio %.2f\n", kKeys, many, many / bare);
  std::printf("known key, two threads   %7.0f ns  ratio %.2f\n", shared, shared / bare);
  return sink == 0 ? 1 : 0;
}
