#include "driftstack/support/public_address.hpp"

#include <arpa/inet.h>

#include <catch2/catch.hpp>
#include <string>

namespace {

bool is_public(std::string text) {
  if (text.find(':') == std::string::npos) text = "::ffff:" + text;
  std::array<std::uint8_t, 16> bytes{};
  REQUIRE(inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1);
  return driftstack::is_public_address(bytes);
}

}  // namespace

TEST_CASE("addresses that are not public are known, in every notation") {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.9",
                           "224.0.0.1",
                           "239.1.1.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::7f00:1",
                           "fe80::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "ff02::1",
                           "2001:db8::1",
                           "2001::1",
                           "2001:10::1",
                           "3fff::1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a00:1",
                           "64:ff9b:1::1",
                           "2002:7f00:1::1",
                           "2002:a9fe:a9fe::",
                           "fec0::1",
                           "100::1",
                           "5f00::1"}) {
    INFO(text);
    CHECK_FALSE(is_public(text));
  }
}

TEST_CASE("public addresses are known, also next to the special ranges") {
  for (const char* text :
       {"1.1.1.1",         "8.8.8.8",         "9.255.255.255",  "11.0.0.0",    "100.63.255.255",   "100.128.0.0",    "126.255.255.255",
        "128.0.0.0",       "169.253.255.255", "172.15.255.255", "172.32.0.0",  "192.167.255.255",  "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "2600::1",         "2a00:1450::1",   "2001:200::1", "64:ff9b::808:808", "2002:808:808::1"}) {
    INFO(text);
    CHECK(is_public(text));
  }
}
