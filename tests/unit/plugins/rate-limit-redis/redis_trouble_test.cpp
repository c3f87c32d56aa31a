// What happens when Redis is away, slow, gone for good, or does not want us.

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "driftstack/testing/conformance/rate_limiter.hpp"
#include "private_redis.hpp"

namespace driftstack::testing {
namespace {

using conformance::detail::draw;
using conformance::detail::numbered_account;
using Limiter = conformance::Subject<RateLimiter>;
using std::chrono::steady_clock;

constexpr const char* kAway = "Redis is away; rate limits are kept in the memory of this server";
constexpr const char* kBack = "Redis is back; rate limits are shared again";
constexpr std::chrono::seconds kPatience{30};  // only bounds a failure

Limiter limiter_at(const std::string& url, std::chrono::milliseconds answer_within = std::chrono::milliseconds(30)) {
  return conformance::from_plugin<RateLimiter>(DRIFTSTACK_PLUGIN_PACKAGE, {{"url", url}, {"answer_within", answer_within}});
}

double fallbacks(const Limiter& limiter) {
  return limiter.host.metrics().value("driftstack_rate_limit_store_fallback_total", {Label("limiter", "account")});
}

template <class Fact>
bool comes_true(Fact fact) {
  const auto until = steady_clock::now() + kPatience;
  while (!fact()) {
    if (steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// Why a start with these settings fails; empty when it does not.
std::string refusal(std::initializer_list<MapSettings::Entry> settings) {
  PluginFixture plugin(DRIFTSTACK_PLUGIN_PACKAGE, settings);
  if (auto configured = plugin.configure(); !configured) return configured.error().detail;
  auto started = plugin.start();
  return started ? std::string() : started.error().detail;
}

TEST_CASE("a server starts while Redis is away, says so once, and shares limits when Redis comes") {
  PrivateRedis redis;
  redis.kill();
  auto limiter = limiter_at(redis.url(), std::chrono::seconds(10));
  CHECK(limiter.host.log().lines(kAway).size() == 1);
  CHECK(limiter.host.log().lines(kAway)[0].field("store") == "127.0.0.1:" + std::to_string(redis.port()));
  CHECK(limiter.role.take_now(numbered_account(1), "global", 1).has_value());  // nobody has to wait
  CHECK(fallbacks(limiter) == 1);

  redis.start();
  CHECK(comes_true([&] { return !limiter.host.log().lines(kBack).empty(); }));
  const double before = fallbacks(limiter);
  CHECK(draw(limiter, numbered_account(2), "global").remaining == 59);
  CHECK(fallbacks(limiter) == before);
  CHECK(redis.ask({"KEYS", "driftstack:rate:global:a:*"}).size() > 1);
  CHECK(limiter.host.log().lines(kAway).size() == 1);
  CHECK(limiter.host.log().lines(kBack).size() == 1);
}

TEST_CASE("every draw is answered while Redis dies and returns under load, with one line for each") {
  PrivateRedis redis;
  auto limiter = limiter_at(redis.url(), std::chrono::seconds(10));
  std::atomic<bool> running{true};
  std::atomic<std::int64_t> asked{0}, answered{0};
  std::vector<std::thread> clients;
  for (std::uint8_t client = 0; client < 4; ++client)
    clients.emplace_back([&, client] {
      while (running) {
        ++asked;
        const auto call = limiter.host.call(std::chrono::seconds(30), client % 2);
        auto decision = run(limiter.host, limiter.role.take(*call, numbered_account(client, "enterprise"), "global", 1), client % 2);
        if (decision && decision->allowed) ++answered;
      }
    });
  CHECK(comes_true([&] { return answered > 200; }));
  redis.kill();
  CHECK(comes_true([&] { return fallbacks(limiter) > 200; }));
  redis.start();
  CHECK(comes_true([&] { return !limiter.host.log().lines(kBack).empty(); }));
  const double before = fallbacks(limiter);
  const auto then = answered.load();
  CHECK(comes_true([&] { return answered > then + 200; }));
  running = false;
  for (auto& client : clients) client.join();
  CHECK(fallbacks(limiter) == before);
  CHECK(answered == asked);
  CHECK(limiter.host.log().lines(kAway).size() == 1);
  CHECK(limiter.host.log().lines(kBack).size() == 1);
}

TEST_CASE("a Redis that hangs delays one draw for the time that it may take, and the next not at all") {
  PrivateRedis redis;
  auto limiter = limiter_at(redis.url(), std::chrono::seconds(1));  // a busy machine answers within that
  (void)draw(limiter, numbered_account(1), "global");
  redis.freeze();
  const double before = fallbacks(limiter);
  CHECK(draw(limiter, numbered_account(1), "global").allowed);
  CHECK(fallbacks(limiter) == before + 1);
  REQUIRE(limiter.host.log().lines(kAway).size() == 1);
  CHECK(limiter.host.log().lines(kAway)[0].field("reason") == "it does not answer in time");
  redis.thaw();
  CHECK(comes_true([&] { return !limiter.host.log().lines(kBack).empty(); }));
}

TEST_CASE("the buckets of this server bound what passes while Redis is away") {
  PrivateRedis redis;
  auto limiter = limiter_at(redis.url());
  redis.kill();
  CHECK(comes_true([&] { return limiter.role.take_now(numbered_account(9), "global", 1).has_value(); }));
  std::int64_t passed = 0;
  for (int i = 0; i < 10; ++i) passed += draw(limiter, numbered_account(1), "sessions:create").allowed ? 1 : 0;
  CHECK(passed == 5);
}

TEST_CASE("password, user and database of the URL are used, and a wrong one stops the start with Redis's own words") {
  // What the README says that a user of its own needs, and nothing else.
  // What the README says that a user of its own needs, and nothing else.
  PrivateRedis redis({"--user", "default", "off", "--user", "limiter", "on", ">s3cret", "~driftstack:*", "+evalsha", "+eval",
                      "+script|load", "+select", "+time", "+get", "+set"});
  CHECK(refusal({{"url", redis.url("limiter:s3cret", 3)}}).empty());
  const std::string wrong = refusal({{"url", redis.url("limiter:wr0ng")}});
  CHECK(wrong.find("WRONGPASS") != std::string::npos);
  CHECK(wrong.find("wr0ng") == std::string::npos);
  CHECK(refusal({{"url", redis.url()}}).find("NOAUTH") != std::string::npos);
  CHECK(refusal({{"url", redis.url("limiter:s3cret", 99)}}).find("DB index") != std::string::npos);
  // The user may not touch keys of this prefix: found out at the start, not by the first customer.
  CHECK(refusal({{"url", redis.url("limiter:s3cret")}, {"key_prefix", "other:"}}).find("NOPERM") != std::string::npos);
}

/// A certificate for 127.0.0.1, made by the openssl of the machine.
class Certificate {
 public:
  Certificate() {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=redis -addext " +
        std::string("subjectAltName=IP:127.0.0.1 -keyout ") + key() + " -out " + file() + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl made no certificate");
  }
  std::string file() const { return directory_.path() + "/cert.pem"; }
  std::string key() const { return directory_.path() + "/key.pem"; }

 private:
  TemporaryDirectory directory_;
};

TEST_CASE("rediss:// speaks TLS to a server that an authority of ours vouches for, and to no other") {
  const Certificate certificate;
  PrivateRedis redis({"--tls-port", "PORT", "--tls-cert-file", certificate.file(), "--tls-key-file", certificate.key(),
                      "--tls-auth-clients", "no", "--requirepass", "s3cret"});
  const std::string port = std::to_string(redis.port());
  {
    auto limiter = conformance::from_plugin<RateLimiter>(
        DRIFTSTACK_PLUGIN_PACKAGE,
        {{"url", "rediss://:s3cret@127.0.0.1:" + port}, {"ca_file", certificate.file()}, {"answer_within", std::chrono::seconds(30)}});
    std::int64_t taken = 0;
    CHECK_FALSE(conformance::detail::drain(limiter, numbered_account(1), "sessions:create", taken).allowed);
    CHECK(taken == 5);
    CHECK(fallbacks(limiter) == 0);
  }
  CHECK(refusal({{"url", "rediss://:s3cret@127.0.0.1:" + port}}).find("its certificate is not accepted") != std::string::npos);
  // The certificate names the address, not this name.
  CHECK(refusal({{"url", "rediss://:s3cret@localhost:" + port}, {"ca_file", certificate.file()}}).find("its certificate is not accepted") !=
        std::string::npos);
  CHECK(refusal({{"url", "rediss://127.0.0.1:" + port}, {"ca_file", "/nowhere.pem"}}).find("ca_file") != std::string::npos);
}

}  // namespace
}  // namespace driftstack::testing
