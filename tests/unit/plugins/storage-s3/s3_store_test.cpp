#include "s3_store.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "driftstack/testing/conformance/object_store.hpp"
#include "s3_simulator.hpp"

namespace driftstack::storage_s3 {
namespace {

using namespace std::chrono_literals;
using namespace driftstack::testing;
using namespace driftstack::testing::conformance::detail;

conformance::Fetched fetch(World& world, const std::string& url) {
  const auto answer = world.send(OutboundRequest("GET", url));
  REQUIRE(answer);
  conformance::Fetched fetched;
  fetched.status = answer->status;
  fetched.content_type = header_of(*answer, "content-type");
  fetched.disposition = header_of(*answer, "content-disposition");
  fetched.body = answer->body;
  return fetched;
}

conformance::ObjectStoreSubject subject(const std::shared_ptr<World>& world) {
  conformance::ObjectStoreSubject subject(conformance::Subject<objects::Store>(world, world->fake, world->store));
  subject.fetch = [world](const std::string& url) { return fetch(*world, url); };
  return subject;
}

std::string fault(const std::string& operation, const std::string& kind, int count, int status = 503) {
  return R"({"operation":")" + operation + R"(","kind":")" + kind + R"(","count":)" + std::to_string(count) + R"(,"status":)" +
         std::to_string(status) + "}";
}

TEST_CASE("storage-s3 keeps the contract of object.store/1 with the bucket in the path") {
  conformance::object_store([] { return subject(std::make_shared<World>()); });
}

TEST_CASE("storage-s3 keeps the contract of object.store/1 with the bucket in front of the host") {
  WorldOptions options;
  options.addressing = Addressing::host;
  conformance::object_store([&] { return subject(std::make_shared<World>(options)); });
}

TEST_CASE("what the store refuses is unavailable, whatever the mistake") {
  WorldOptions options;
  const char* code = "";
  SECTION("a wrong secret") {
    options.secret += "x";
    code = "SignatureDoesNotMatch";
  }
  SECTION("objects that are not encrypted") {
    options.store.encrypt = false;
    code = "AccessDenied";
  }
  SECTION("a bucket that is not there") {
    options.bucket = "bin";
    code = "NoSuchBucket";
  }
  const auto world = std::make_shared<World>(options);
  auto of = subject(world);
  const auto kept = put(of, "box/a", "abc");
  CHECK(code_of(kept) == Errc::unavailable);
  CHECK(kept.error().detail.find(code) != std::string::npos);
  CHECK(world->statuses("PutObject").size() == 1);
  CHECK_FALSE(world->fake.log().mentions(options.secret));
  CHECK(world->fake.log().mentions(code));
}

TEST_CASE("a clock that is more than fifteen minutes off is refused, and one that is a little off is not") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  const auto now = world->fake.clock().unix_micros();
  const auto minutes = [&](int count) { world->fake.clock().set_unix_micros(now + std::int64_t{count} * 60'000'000); };
  minutes(20);
  CHECK(put(of, "box/a", "abc").error().detail.find("RequestTimeTooSkewed") != std::string::npos);
  minutes(-20);
  CHECK(code_of(put(of, "box/a", "abc")) == Errc::unavailable);
  minutes(10);
  CHECK(put(of, "box/a", "abc"));
}

TEST_CASE("a presigned URL ends with its time") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  REQUIRE(put(of, "box/a", "abc"));
  const auto now = world->fake.clock().unix_micros();
  world->fake.clock().set_unix_micros(now - 50'000'000);
  CHECK(fetch(*world, presign(of, "box/a")->url).status == 200);
  world->fake.clock().set_unix_micros(now - 61'000'000);
  CHECK(fetch(*world, presign(of, "box/a")->url).status == 403);
}

TEST_CASE("a busy store, a broken one and a lost connection are asked again") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  for (const int status : {429, 500, 502, 503, 504}) {
    INFO(status);
    world->control("faults", fault("PutObject", "status", 3, status));
    CHECK(put(of, "box/a", "abc"));
  }
  world->control("faults", fault("GetObject", "drop", 2));
  CHECK(get(of, "box/a")->bytes.data == "abc");
  CHECK(world->statuses("PutObject") ==
        std::vector<int>{429, 429, 429, 200, 500, 500, 500, 200, 502, 502, 502, 200, 503, 503, 503, 200, 504, 504, 504, 200});
}

TEST_CASE("a store that stays busy is given up after the attempts that are allowed, and a refusal at once") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  world->control("faults", fault("PutObject", "status", 4));
  CHECK(code_of(put(of, "box/a", "abc")) == Errc::unavailable);
  world->control("faults", fault("PutObject", "status", 1, 403));
  CHECK(code_of(put(of, "box/a", "abc")) == Errc::unavailable);
  CHECK(world->statuses("PutObject") == std::vector<int>{503, 503, 503, 503, 403});
}

TEST_CASE("a big object travels in parts, and a part that failed travels again") {
  WorldOptions options;
  options.store.part_size = std::size_t{5} << 20;
  const auto world = std::make_shared<World>(options);
  auto of = subject(world);
  const std::string bytes = noise((std::size_t{10} << 20) + 1);
  world->control("faults", fault("UploadPart", "status", 1));
  REQUIRE(put(of, "box/big", bytes, "application/pdf"));
  CHECK(world->statuses("UploadPart") == std::vector<int>{503, 200, 200, 200});
  const auto got = get(of, "box/big");
  REQUIRE(got);
  CHECK((got->bytes.data == bytes));
  CHECK(got->info.content_type == "application/pdf");
  const std::string objects = world->control("objects");
  CHECK(objects.find("\"x-amz-server-side-encryption\": \"AES256\"") != std::string::npos);
}

TEST_CASE("an upload that cannot be finished leaves no parts and what was there") {
  WorldOptions options;
  options.store.part_size = std::size_t{5} << 20;
  const auto world = std::make_shared<World>(options);
  auto of = subject(world);
  REQUIRE(put(of, "box/big", "small at first"));
  const std::string bytes = noise((std::size_t{5} << 20) + 1);
  SECTION("a part is refused") { world->control("faults", fault("UploadPart", "status", 1, 403)); }
  SECTION("the end is an error document behind a 200") { world->control("faults", fault("CompleteMultipartUpload", "late_error", 1)); }
  CHECK(code_of(put(of, "box/big", bytes)) == Errc::unavailable);
  CHECK(world->statuses("AbortMultipartUpload") == std::vector<int>{204});
  CHECK(world->control("uploads").find(world->prefix) == std::string::npos);
  CHECK(get(of, "box/big")->bytes.data == "small at first");
}

TEST_CASE("an upload whose end was done but not told counts as done") {
  WorldOptions options;
  options.store.part_size = std::size_t{5} << 20;
  const auto world = std::make_shared<World>(options);
  auto of = subject(world);
  world->control("faults", fault("CompleteMultipartUpload", "lost_answer", 1));
  const auto kept = put(of, "box/big", noise((std::size_t{5} << 20) + 1));
  REQUIRE(kept);
  CHECK(get(of, "box/big")->info.sha256 == kept->sha256);
}

// What a stranger with access to the bucket did there.
void write_behind(World& world, const std::string& key, const std::string& bytes, const std::string& digest) {
  const auto address = BucketAddress::parse("http://" + world.simulator.place(), "box", Addressing::path);
  S3Client client(world.host, *address, SignatureV4(kAccessKey, SecretText(kSecret), "us-east-1"), RetryPolicy());
  S3Request request("PUT");
  request.key = world.prefix + key;
  request.headers = {{"content-type", "text/plain"}, {"x-amz-server-side-encryption", "AES256"}};
  if (!digest.empty()) request.headers.emplace_back("x-amz-meta-driftstack-sha256", digest);
  request.body = bytes;
  const auto call = world.fake.call();
  const auto answer = run(world.fake, client.send(*call, request));
  REQUIRE(answer);
  REQUIRE(answer->status == 200);
}

TEST_CASE("an object that was changed or put by somebody else is refused") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  const auto kept = put(of, "box/a", "abc");
  REQUIRE(kept);
  write_behind(*world, "box/a", "abd", kept->sha256);
  CHECK(code_of(get(of, "box/a")) == Errc::internal);
  write_behind(*world, "box/a", "abc", "");
  CHECK(code_of(get(of, "box/a")) == Errc::internal);
  CHECK(code_of(head(of, "box/a")) == Errc::internal);
  write_behind(*world, "box/a", "abc", kept->sha256);
  CHECK(get(of, "box/a")->bytes.data == "abc");
}

TEST_CASE("keys of others in the bucket are not listed, and a list goes on behind them") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  for (const char* key : {"Box/foreign", "a b", "a&b", "b/.hidden"}) write_behind(*world, key, "x", "");
  for (const char* key : {"a", "b/1", "b/2"}) REQUIRE(put(of, key, "abc"));
  CHECK(keys_of(list(of, "")) == std::vector<std::string>{"a", "b/1", "b/2"});
  const auto first = list(of, "", {}, 2);
  CHECK(keys_of(first) == std::vector<std::string>{"a", "b/1"});
  CHECK(first->has_more);
  const auto second = list(of, "", "b/1", 2);
  CHECK(keys_of(second) == std::vector<std::string>{"b/2"});
  CHECK_FALSE(second->has_more);
}

}  // namespace
}  // namespace driftstack::storage_s3
