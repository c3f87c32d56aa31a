#include "kernel/pipeline/cors.hpp"

#include <catch2/catch.hpp>

namespace driftstack::kernel {
namespace {

const Cors kCors({"https://app.example", "http://localhost:3000"});

constexpr std::string_view kAnswer =
    "Access-Control-Allow-Origin: https://app.example\r\n"
    "Vary: Origin\r\n"
    "Access-Control-Allow-Credentials: true\r\n"
    "Access-Control-Expose-Headers: x-request-id, idempotent-replayed, x-ratelimit-bucket, x-ratelimit-limit, x-ratelimit-remaining, "
    "x-ratelimit-reset, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after\r\n";
constexpr std::string_view kPreflight =
    "Access-Control-Allow-Methods: GET, POST, PUT, PATCH, DELETE, OPTIONS\r\n"
    "Access-Control-Allow-Headers: authorization, content-type, x-request-id, stripe-signature, x-nowpayments-sig, idempotency-key, "
    "x-driftstack-account\r\n"
    "Access-Control-Max-Age: 600\r\n";

TEST_CASE("A listed origin is reflected, with Vary and the headers that a page may read") {
  std::string head;
  kCors.append_headers("https://app.example", head);
  CHECK(head == kAnswer);
}

TEST_CASE("A preflight from a listed origin also learns methods, headers and how long that holds") {
  std::string head;
  kCors.append_preflight_headers("https://app.example", head);
  CHECK(head == std::string(kAnswer) + std::string(kPreflight));
}

TEST_CASE("An origin gets nothing unless it is listed letter by letter") {
  for (const char* origin :
       {"", "null", "*", "https://app.example.evil", "https://evil.app.example", "http://app.example", "https://APP.example",
        "https://app.example:443", "https://app.example/", "http://localhost", "http://localhost:30001"}) {
    CAPTURE(origin);
    std::string head = "before";
    kCors.append_headers(origin, head);
    kCors.append_preflight_headers(origin, head);
    CHECK(head == "before");
  }
}

TEST_CASE("An empty list allows nobody, and an empty entry does not allow requests without an origin") {
  CHECK_FALSE(Cors({}).allows("https://app.example"));
  CHECK_FALSE(Cors({""}).allows(""));
  CHECK(kCors.allows("http://localhost:3000"));
}

}  // namespace
}  // namespace driftstack::kernel
