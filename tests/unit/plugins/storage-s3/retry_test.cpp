#include <catch2/catch.hpp>

#include "driftstack/testing/fake_host.hpp"
#include "s3_client.hpp"
#include "s3_simulator.hpp"

namespace driftstack::storage_s3 {
namespace {

using namespace std::chrono_literals;
using namespace driftstack::testing;

constexpr const char* kUrl = "https://s3.example.com/box/a";

struct Client {
  Result<OutboundResponse> send(const Call& call) {
    const S3Request request = [] {
      S3Request get("GET");
      get.key = "a";
      return get;
    }();
    return run(host, client.send(call, request));
  }
  void answer(int status, std::string body = {}) {
    OutboundResponse response;
    response.status = status;
    response.body = std::move(body);
    host.outbound_http().answer("GET", kUrl, std::move(response));
  }
  void answer(Errc code) { host.outbound_http().answer("GET", kUrl, Error(code, "said so")); }
  std::size_t sent() { return host.outbound_http().requests().size(); }

  explicit Client(RetryPolicy retry = {4, 1ms, 4ms})
      : client(host, *BucketAddress::parse("https://s3.example.com", "box", Addressing::path),
               SignatureV4("AKIDTEST", SecretText("secret"), "us-east-1"), retry) {}
  FakeHost host;
  S3Client client;
};

// Is busy once, for a minute.
class SlowStore final : public OutboundHttp {
 public:
  explicit SlowStore(ManualClock& clock) : clock_(clock) {}
  AsyncResult<OutboundResponse> send(const Call&, OutboundRequest request) override {
    for (const Header& header : request.headers)
      if (header.name == "x-amz-date") dates.push_back(header.value);
    clock_.set_unix_micros(clock_.unix_micros() + 60'000'000);
    OutboundResponse response;
    response.status = dates.size() == 1 ? 503 : 200;
    co_return response;
  }
  std::vector<std::string> dates;

 private:
  ManualClock& clock_;
};

TEST_CASE("each attempt is signed for its own time") {
  FakeHost fake;
  SlowStore store(fake.clock());
  HostWithWayOut host(fake, store);
  S3Client client(host, *BucketAddress::parse("https://s3.example.com", "box", Addressing::path),
                  SignatureV4("AKIDTEST", SecretText("secret"), "us-east-1"), {4, 1ms, 4ms});
  const auto call = fake.call();
  const S3Request request("GET");
  REQUIRE(run(fake, client.send(*call, request)));
  REQUIRE(store.dates.size() == 2);
  CHECK(store.dates[0] < store.dates[1]);
}

TEST_CASE("a request whose time would be over before the next attempt is given up now") {
  Client client({4, std::chrono::hours(1), std::chrono::hours(1)});
  client.answer(503);
  const auto call = client.host.call(1ms);
  CHECK(client.send(*call).error().code == Errc::unavailable);
  CHECK(client.sent() == 1);
}

TEST_CASE("what was not reached is tried again; what is forbidden, cancelled or refused is not") {
  Client client;
  const auto call = client.host.call();
  SECTION("a connection that failed") {
    client.answer(Errc::unreachable);
    client.answer(Errc::timeout);
    client.answer(200);
    CHECK(client.send(*call)->status == 200);
    CHECK(client.sent() == 3);
  }
  SECTION("a body that came too slowly") {
    client.answer(400, "<Error><Code>RequestTimeout</Code></Error>");
    client.answer(200);
    CHECK(client.send(*call)->status == 200);
  }
  SECTION("a target that the operator did not allow") {
    client.answer(Errc::forbidden);
    CHECK(client.send(*call).error().code == Errc::unavailable);
    CHECK(client.sent() == 1);
  }
  SECTION("a call that was cancelled") {
    client.answer(Errc::cancelled);
    CHECK(client.send(*call).error().code == Errc::cancelled);
    CHECK(client.sent() == 1);
  }
  SECTION("a redirect, which says that the region is wrong") {
    client.answer(301, "<Error><Code>PermanentRedirect</Code></Error>");
    CHECK(client.send(*call).error().code == Errc::unavailable);
    CHECK(client.sent() == 1);
  }
}

}  // namespace
}  // namespace driftstack::storage_s3
