#include "kernel/pipeline/client_address.hpp"

#include <catch2/catch.hpp>

namespace driftstack::kernel {
namespace {

AddressBytes address(std::string_view text) {
  const auto parsed = parse_address(text);
  REQUIRE(parsed);
  return *parsed;
}

PeerAddress peer(std::string_view text) {
  PeerAddress made;
  made.bytes = address(text);
  return made;
}

ClientAddressResolver behind(std::initializer_list<std::string_view> networks) {
  std::vector<Network> trusted;
  for (const auto text : networks) {
    const auto network = Network::parse(text);
    REQUIRE(network);
    trusted.push_back(*network);
  }
  return ClientAddressResolver(std::move(trusted));
}

std::string resolved(const ClientAddressResolver& resolver, std::string_view from, const std::vector<HeaderView>& headers) {
  return address_text(resolver.resolve(peer(from), headers));
}

TEST_CASE("Addresses are read in both families and written in one form") {
  const std::pair<std::string_view, std::string_view> good[] = {
      {"192.0.2.7", "192.0.2.7"},
      {"::ffff:192.0.2.7", "192.0.2.7"},
      {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"[2001:db8::1]", "2001:db8::1"},
      {"::", "::"},
  };
  for (const auto& [text, written] : good) CHECK(address_text(address(text)) == written);
  for (const char* text : {"", "[]", "[", "192.0.2", "192.0.2.256", "192.0.2.7:80", "[2001:db8::1]:443", "2001:db8::g", "fe80::1%eth0",
                           "localhost", "unknown", "_hidden", "2001:0db8:0000:0000:0000:0000:0000:00000001"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_address(text));
  }
  CHECK_FALSE(parse_address(std::string_view("10.0.0.1\0.evil", 14)));  // a C string would end before
}

struct Membership {
  std::string_view network, inside, outside;
};

TEST_CASE("A network holds its first and its last address and neither neighbour") {
  const Membership table[] = {
      {"10.0.0.0/8", "10.0.0.0", "9.255.255.255"},       {"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
      {"192.0.2.64/26", "192.0.2.64", "192.0.2.63"},     {"192.0.2.64/26", "192.0.2.127", "192.0.2.128"},
      {"192.0.2.7/32", "192.0.2.7", "192.0.2.6"},        {"192.0.2.7", "192.0.2.7", "192.0.2.8"},
      {"0.0.0.0/0", "255.255.255.255", "2001:db8::1"},   {"2001:db8::/33", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", "2001:db8:8000::"},
      {"2001:db8::1/128", "2001:db8::1", "2001:db8::2"}, {"10.1.2.3/8", "10.9.9.9", "11.1.2.3"},
  };
  for (const auto& row : table) {
    CAPTURE(row.network, row.inside, row.outside);
    const auto network = Network::parse(row.network);
    REQUIRE(network);
    CHECK(network->contains(address(row.inside)));
    CHECK_FALSE(network->contains(address(row.outside)));
  }
}

TEST_CASE("A prefix that its family does not have is no network") {
  for (const char* text :
       {"10.0.0.0/33", "2001:db8::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/ 8", "/8", "", "10.0.0.0/4294967304"}) {
    CAPTURE(text);
    CHECK_FALSE(Network::parse(text));
  }
}

TEST_CASE("Without trusted proxies the socket peer is the client, whatever the headers say") {
  const auto resolver = behind({});
  CHECK(resolved(resolver, "192.0.2.7", {{"X-Forwarded-For", "203.0.113.1"}}) == "192.0.2.7");
}

TEST_CASE("A peer that is no trusted proxy cannot forge its address") {
  const auto resolver = behind({"10.0.0.0/8"});
  CHECK(resolved(resolver, "192.0.2.7", {{"X-Forwarded-For", "203.0.113.1"}}) == "192.0.2.7");
  CHECK(resolved(resolver, "192.0.2.7", {{"X-Forwarded-For", "10.0.0.1"}}) == "192.0.2.7");
}

struct Walk {
  std::vector<HeaderView> headers;
  std::string_view client;
};

TEST_CASE("Behind a trusted proxy the right-most address that is no trusted proxy is the client") {
  const auto resolver = behind({"10.0.0.0/8", "2001:db8:ffff::/48"});
  const Walk table[] = {
      {{}, "10.0.0.1"},
      {{{"X-Forwarded-For", "203.0.113.1"}}, "203.0.113.1"},
      {{{"x-forwarded-for", "203.0.113.1"}}, "203.0.113.1"},
      {{{"X-Forwarded-For", "198.51.100.9, 203.0.113.1"}}, "203.0.113.1"},
      {{{"X-Forwarded-For", "198.51.100.9,203.0.113.1 ,\t10.0.0.2"}}, "203.0.113.1"},
      {{{"X-Forwarded-For", "198.51.100.9"}, {"X-Forwarded-For", "203.0.113.1"}}, "203.0.113.1"},
      {{{"X-Forwarded-For", "198.51.100.9"}, {"Accept", "*/*"}, {"X-Forwarded-For", "10.0.0.2"}}, "198.51.100.9"},
      {{{"X-Forwarded-For", "2001:db8::5, 2001:db8:ffff::1"}}, "2001:db8::5"},
      {{{"X-Forwarded-For", "[2001:db8::5]"}}, "2001:db8::5"},
      {{{"X-Forwarded-For", "10.0.0.3, 10.0.0.2"}}, "10.0.0.3"},
      {{{"X-Forwarded-For", ""}}, "10.0.0.1"},
      {{{"Forwarded", "for=203.0.113.1"}, {"X-Real-IP", "203.0.113.1"}}, "10.0.0.1"},
  };
  for (const auto& row : table) {
    CAPTURE(row.headers.empty() ? "" : row.headers[0].value);
    CHECK(resolved(resolver, "10.0.0.1", row.headers) == row.client);
  }
}

TEST_CASE("An entry that is no address ends the walk at the last trusted hop, so that nothing behind it can be forged") {
  const auto resolver = behind({"10.0.0.0/8"});
  CHECK(resolved(resolver, "10.0.0.1", {{"X-Forwarded-For", "203.0.113.1, unknown"}}) == "10.0.0.1");
  CHECK(resolved(resolver, "10.0.0.1", {{"X-Forwarded-For", "203.0.113.1, unknown, 10.0.0.2"}}) == "10.0.0.2");
  CHECK(resolved(resolver, "10.0.0.1", {{"X-Forwarded-For", "203.0.113.1,"}}) == "10.0.0.1");
  CHECK(resolved(resolver, "10.0.0.1", {{"X-Forwarded-For", "203.0.113.1:4711"}}) == "10.0.0.1");
}

TEST_CASE("An IPv6 network of /64 shares one limit; neighbours and IPv4 addresses do not") {
  CHECK(limiter_key(address("2001:db8:0:1::1")) == limiter_key(address("2001:db8:0:1:ffff::9")));
  CHECK_FALSE(limiter_key(address("2001:db8:0:1::1")) == limiter_key(address("2001:db8:0:2::1")));
  CHECK_FALSE(limiter_key(address("192.0.2.1")) == limiter_key(address("192.0.2.2")));
  CHECK(limiter_key(address("192.0.2.1")) == limiter_key(address("::ffff:192.0.2.1")));
}

}  // namespace
}  // namespace driftstack::kernel
