#include "kernel/pipeline/response_head.hpp"

#include <catch2/catch.hpp>

namespace driftstack::kernel {
namespace {

using namespace std::string_view_literals;

std::string security(bool hsts, bool html) {
  std::string head;
  ResponseHead(hsts).append_security(html, head);
  return head;
}

TEST_CASE("API answers carry the six security headers and nothing of the page set") {
  CHECK(security(true, false) ==
        "Strict-Transport-Security: max-age=63072000; includeSubDomains; preload\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "X-Frame-Options: SAMEORIGIN\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "X-DNS-Prefetch-Control: off\r\n"
        "Cross-Origin-Resource-Policy: cross-origin\r\n");
}

TEST_CASE("Pages carry a policy without scripts") {
  CHECK(security(true, true) ==
        "Strict-Transport-Security: max-age=63072000; includeSubDomains; preload\r\n"
        "X-Frame-Options: DENY\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Referrer-Policy: strict-origin-when-cross-origin\r\n"
        "Permissions-Policy: accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), "
        "usb=()\r\n"
        "Content-Security-Policy: default-src 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'; frame-src 'none'; "
        "form-action 'self'; manifest-src 'self'; script-src 'none'; connect-src 'none'; style-src 'self' 'unsafe-inline'; "
        "upgrade-insecure-requests\r\n");
}

TEST_CASE("A plain development listener sends no HSTS and does not upgrade requests") {
  for (const bool html : {false, true}) {
    CHECK(security(false, html).find("Strict-Transport-Security") == std::string::npos);
    CHECK(security(false, html).find("upgrade-insecure-requests") == std::string::npos);
    CHECK(security(false, html).ends_with("\r\n"));
  }
}

TEST_CASE("Answers are not stored by default, streams are not transformed either") {
  CHECK(default_cache_control(false) == "no-store, private");
  CHECK(default_cache_control(true) == "no-cache, no-store, private, no-transform");
}

TEST_CASE("A header whose value would start another line is dropped whole") {
  for (const auto value : {"a\r\nSet-Cookie: evil=1"sv, "a\nb"sv, "a\rb"sv, "\r\n\r\n<html>"sv, "a\0b"sv}) {
    std::string head = "Before: 1\r\n";
    append_header("X-Value", value, head);
    CHECK(head == "Before: 1\r\n");
  }
  std::string head = "Before: 1\r\n";
  append_header("X-Value", "a b\t\"c\"", head);
  CHECK(head == "Before: 1\r\nX-Value: a b\t\"c\"\r\n");
}

TEST_CASE("A header whose name is no token is dropped whole") {
  for (const auto name : {"X-A\r\nSet-Cookie"sv, "X A"sv, ""sv, "X:"sv}) {
    std::string head = "Before: 1\r\n";
    append_header(name, "value", head);
    CHECK(head == "Before: 1\r\n");
  }
}

}  // namespace
}  // namespace driftstack::kernel
