#include <catch2/catch.hpp>
#include <string>

#include "driftstack/support/base64.hpp"
#include "postmark_world.hpp"

namespace driftstack::mail_postmark {
namespace {

const std::string kGood = "Basic " + base64_encode("postmark:s3cret");

/// As in Postmark's documentation, "Bounce webhook", shortened.
std::string bounce(const std::string& more, const std::string& email = "ada@example.com") {
  return R"({"RecordType":"Bounce","MessageStream":"outbound","ID":4323372036854775807,"Type":"HardBounce","TypeCode":1,"Tag":"Test",)"
         R"("MessageID":"883953f4","Email":")" +
         email + R"(","From":"no-reply@example.com","BouncedAt":"2026-11-05T16:33:54.9070259Z","DumpAvailable":true)" + more + "}";
}

std::string subscription(bool suppress, const std::string& at) {
  return R"({"RecordType":"SubscriptionChange","MessageStream":"outbound","ChangedAt":")" + at +
         R"(","Recipient":"ada@example.com","Origin":"Recipient","SuppressSending":)" + (suppress ? "true" : "false") +
         R"(,"SuppressionReason":)" + (suppress ? R"("HardBounce")" : "null") + "}";
}

double counted(World& world, const char* outcome) {
  return world.host.metrics().value("driftstack_postmark_webhook_total", {Label("outcome", outcome)});
}

TEST_CASE("a bounce that Postmark deactivated the address for suppresses it, a passing one does not") {
  World world;
  const auto answer = world.post(bounce(R"(,"Inactive":true)"), kGood);
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == R"({"ok":true})");
  CHECK(world.reason_against("ada@example.com") == "HardBounce");
  REQUIRE(world.post(bounce(R"(,"Inactive":false)", "bob@example.com"), kGood));
  CHECK_FALSE(world.reason_against("bob@example.com"));
  REQUIRE(world.post(bounce("", "eve@example.com"), kGood));
  CHECK(world.reason_against("eve@example.com") == "HardBounce");
  CHECK(counted(world, "ok") == 2);
  CHECK(counted(world, "ignored") == 1);
}

TEST_CASE("a suppression is of one stream, and the latest word counts, also when it comes first") {
  World world;
  REQUIRE(world.post(subscription(true, "2026-11-05T10:00:00Z"), kGood));
  CHECK(world.reason_against("ada@example.com"));
  CHECK_FALSE(world.reason_against("ada@example.com", "broadcast"));
  REQUIRE(world.post(subscription(false, "2026-11-05T12:00:00Z"), kGood));
  CHECK_FALSE(world.reason_against("ada@example.com"));
  REQUIRE(world.post(subscription(true, "2026-11-05T11:00:00Z"), kGood));
  CHECK_FALSE(world.reason_against("ada@example.com"));
  REQUIRE(world.post(subscription(true, "2026-11-05T13:00:00Z"), kGood));
  CHECK(world.reason_against("ada@example.com"));
}

TEST_CASE("who does not know the password changes nothing, and learns nothing") {
  World world;
  const std::string record = bounce(R"(,"Inactive":true)");
  for (const std::string& authorization :
       {std::string("Basic " + base64_encode("postmark:s3creT")), std::string("Basic " + base64_encode("postmark:")),
        std::string("Basic not base64"), std::string("Bearer s3cret"), std::string("Basic " + base64_encode("s3cret"))}) {
    INFO(authorization);
    const auto answer = world.post(record, authorization);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Errc::unauthorized);
  }
  const auto missing = world.post(record, "");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::unauthorized);
  CHECK_FALSE(world.reason_against("ada@example.com"));
  CHECK(counted(world, "signature_invalid") == 5);
  CHECK(counted(world, "signature_missing") == 1);
}

TEST_CASE("without a password there is no webhook, whatever one sends") {
  World world;
  for (const std::string& authorization : {std::string(), kGood, std::string("Basic Og==")}) {
    const auto answer = world.post(bounce(R"(,"Inactive":true)"), authorization, "");
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Errc::not_found);
  }
  CHECK_FALSE(world.reason_against("ada@example.com"));
}

TEST_CASE("records of other kinds are taken and change nothing; a record that does not fit names its member") {
  World world;
  REQUIRE(world.post(R"({"RecordType":"Delivery","Recipient":"ada@example.com"})", kGood));
  REQUIRE(world.post(R"({"RecordType":"Open","Recipient":"ada@example.com"})", kGood));
  CHECK_FALSE(world.reason_against("ada@example.com"));
  const auto member = world.post(R"({"RecordType":"Bounce","Type":"HardBounce","Email":"ada@example.com","BouncedAt":"yesterday"})", kGood);
  REQUIRE_FALSE(member);
  CHECK(member.error().code == Errc::validation_failed);
  CHECK(member.error().members.find("BouncedAt") != std::string::npos);
  for (const char* body : {"", "[]", "{", R"({"RecordType":7})"}) CHECK_FALSE(world.post(body, kGood));
  CHECK(counted(world, "malformed_event") == 5);
}

}  // namespace
}  // namespace driftstack::mail_postmark
