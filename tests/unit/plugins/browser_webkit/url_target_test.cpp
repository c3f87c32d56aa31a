#include "plugins/browser-webkit/protocol/url_target.hpp"

#include <catch2/catch.hpp>

namespace driftstack::browser_webkit {
namespace {

struct Case {
  const char* url;
  const char* host;
  std::uint16_t port;
};

TEST_CASE("scheme, host and port of a URL are those that the engine would use") {
  for (const Case& one : {Case{"https://example.com/", "example.com", 443},
                          {"HTTP://EXAMPLE.COM:8443/x?@", "example.com", 8443},
                          {"ws://user:10.0.0.1@example.com", "example.com", 80},
                          {"http://example.com@127.0.0.1/", "127.0.0.1", 80},
                          {"http://127.0.0.1:9100@10.0.0.1/", "10.0.0.1", 80},
                          {"wss://[::1]:9/", "::1", 9},
                          {"http://[2A00::1]", "2a00::1", 80},
                          {"http://a\\@b/", "a", 80},
                          {"about:blank", "", 0},
                          {"data:text/html,x", "", 0}}) {
    INFO(one.url);
    const std::optional<UrlTarget> target = parse_target(one.url);
    REQUIRE(target);
    CHECK(target->host == one.host);
    CHECK(target->port == one.port);
  }
  for (const char* url : {"no url", "", ":x", "http://", "http:///path", "http://[::1", "http://a:99999/", "http://a:x/"}) {
    INFO(url);
    CHECK_FALSE(parse_target(url));
  }
}

TEST_CASE("a pair that is none is refused") {
  for (const char* entry : {"127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", ":80", "[::1]", "[::1:80", "a:b"}) {
    INFO(entry);
    CHECK_FALSE(parse_host_and_port(entry));
  }
  const std::optional<UrlTarget> pair = parse_host_and_port("[::1]:80");
  REQUIRE(pair);
  CHECK(pair->host == "::1");
  CHECK(pair->port == 80);
}

}  // namespace
}  // namespace driftstack::browser_webkit
