#include "kernel/config/value_syntax.hpp"

#include <catch2/catch.hpp>

using namespace driftstack::kernel;
using namespace std::chrono_literals;

TEST_CASE("a duration is a whole number and a visible unit") {
  CHECK(parse_duration("250ms") == 250ms);
  CHECK(parse_duration("5s") == 5s);
  CHECK(parse_duration("5m") == 5min);
  CHECK(parse_duration("24h") == 24h);
  CHECK(parse_duration("30d") == 720h);
  CHECK(parse_duration("0s") == 0ms);
  for (const char* wrong :
       {"", "5", "m", "-5m", "+5m", "5 m", "5M", "1.5h", "5m ", "1h30m", "5 parsecs", "9223372036854775807d", "99999999999999999999s"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_duration(wrong));
  }
}

TEST_CASE("a size is a whole number and a binary unit") {
  CHECK(parse_bytes("512B") == 512);
  CHECK(parse_bytes("1KiB") == 1024);
  CHECK(parse_bytes("64MiB") == 67108864);
  CHECK(parse_bytes("2GiB") == std::int64_t{2} << 30);
  CHECK(parse_bytes("1TiB") == std::int64_t{1} << 40);
  for (const char* wrong : {"", "64", "64MB", "64mib", "-1B", "64 MiB", "9223372036854775807KiB"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_bytes(wrong));
  }
}

TEST_CASE("host:port takes names, IPv4 and bracketed IPv6") {
  CHECK(parse_host_port("127.0.0.1:8080")->port == 8080);
  CHECK(parse_host_port("[::1]:0")->host == "::1");
  CHECK(parse_host_port("db.example:5432")->host == "db.example");
  for (const char* wrong : {"", "8080", "localhost", "::1:80", "[::1]", "[no]:1", "a b:1", ":80", "a:65536", "a:-1", "a:", "a:80x"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_host_port(wrong));
  }
}

TEST_CASE("only loopback addresses and localhost count as loopback") {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "::1", "localhost"}) CHECK(is_loopback_host(host));
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "localhost.example", "128.0.0.1", "::ffff:127.0.0.1"})
    CHECK_FALSE(is_loopback_host(host));
}

TEST_CASE("a URL has a scheme and an authority, and splits from its user info") {
  const auto url = parse_url("HTTPS://user:pw@example.org:8443/a?b#c");
  REQUIRE(url);
  CHECK(url->scheme == "https");
  CHECK(url->authority == "example.org:8443");
  CHECK(url->has_user_info);
  CHECK(url->rest == "/a?b#c");
  CHECK(parse_url("postgres:///driftstack?host=/run/postgresql"));
  for (const char* wrong : {"", "example.org", "https://", "://x", "1http://x", "https://a b", "https://a\nb"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_url(wrong));
  }
}

TEST_CASE("a password in a URL is masked, everything else stays") {
  CHECK(without_password("postgres://user:pw@host/db") == "postgres://user:***@host/db");
  CHECK(without_password("postgres://user:p@w@host/db") == "postgres://user:***@host/db");
  for (const char* text : {"postgres://user@host/db", "https://host/a:b@c", "plain", "https://host"}) CHECK(without_password(text) == text);
}

TEST_CASE("an address range has a prefix and zero bits behind it") {
  CHECK(parse_address_range("10.0.0.0/8")->prefix == 8);
  CHECK(parse_address_range("192.0.2.7")->prefix == 32);
  CHECK(parse_address_range("fd00::/8")->v6);
  CHECK(parse_address_range("::1")->prefix == 128);
  CHECK(parse_address_range("0.0.0.0/0")->prefix == 0);
  for (const char* wrong :
       {"", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0/8", "host/8", "fd00::/129", "10.0.0.0/-1", "10.0.0.0/8x"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_address_range(wrong));
  }
}
