#include "plugins/browser-webkit/protocol/address_policy.hpp"

#include <catch2/catch.hpp>

#include "driftstack/support/json.hpp"

namespace driftstack::browser_webkit {
namespace {

AddressPolicy policy(const std::vector<std::string>& allowed = {}) {
  const std::optional<AddressPolicy> made = AddressPolicy::make(allowed);
  REQUIRE(made);
  return *made;
}

TEST_CASE("addresses that are not globally reachable are not public") {
  for (const char* address : {"0.0.0.0",
                              "10.0.0.1",
                              "100.64.0.1",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.255.255.255",
                              "169.254.0.1",
                              "172.16.0.1",
                              "172.31.255.1",
                              "192.0.0.1",
                              "192.0.2.1",
                              "192.88.99.1",
                              "192.168.0.1",
                              "198.18.0.1",
                              "198.19.0.1",
                              "198.51.100.1",
                              "203.0.113.1",
                              "224.0.0.1",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::ffff:8.8.8.8",
                              "::ffff:10.0.0.1",
                              "64:ff9b::1",
                              "fc00::1",
                              "fd12::1",
                              "fe80::1",
                              "ff02::1",
                              "2001::1",
                              "2001:1ff::1",
                              "2001:db8::1",
                              "2002:a00:1::",
                              "100::1",
                              "4000::1",
                              "text",
                              "",
                              "1.2.3",
                              "1.2.3.4.5",
                              "0x7f.0.0.1"}) {
    INFO(address);
    CHECK_FALSE(is_public_address(address));
  }
}

TEST_CASE("addresses beside the private ranges are public") {
  for (const char* address : {"1.1.1.1",     "9.255.255.255", "11.0.0.1",       "100.63.255.255",  "100.128.0.1", "126.0.0.1",
                              "128.0.0.1",   "169.253.1.1",   "172.15.255.255", "172.32.0.1",      "192.0.1.1",   "192.167.1.1",
                              "192.169.0.1", "198.17.0.1",    "198.20.0.1",     "223.255.255.255", "2001:200::1", "2001:4860:4860::8888",
                              "2003::1",     "2606:4700::1",  "2a00::1",        "3fff::1"}) {
    INFO(address);
    CHECK(is_public_address(address));
  }
}

TEST_CASE("a navigation is allowed, refused, or depends on what the name resolves to") {
  const AddressPolicy plain = policy();
  for (const char* url : {"https://1.1.1.1/", "http://[2a00::1]/", "about:blank", "about:srcdoc", "data:text/html,x", "blob:https://a/1"}) {
    INFO(url);
    CHECK(plain.check_navigation(url) == Verdict::allow);
  }
  for (const char* url :
       {"https://example.com/", "http://10.example.com/", "http://user:10.0.0.1@example.com/", "HTTPS://EXAMPLE.COM:8443/x?@"}) {
    INFO(url);
    CHECK(plain.check_navigation(url) == Verdict::resolve);
  }
  for (const char* url : {"http://127.0.0.1/",
                          "http://10.0.0.1:80/",
                          "https://[::1]/",
                          "http://[::ffff:127.0.0.1]/",
                          "http://localhost/",
                          "http://LocalHost./",
                          "http://x.localhost/",
                          "http://printer.local/",
                          "http://db.internal/",
                          "http://0x7f.1/",
                          "http://2130706433/",
                          "http://127.1/",
                          "http://1.2.3.4.5/",
                          "file:///etc/passwd",
                          "ftp://example.com/",
                          "javascript:1",
                          "http:///path",
                          "http://",
                          "no url",
                          "",
                          "http://example.com@127.0.0.1/",
                          "http://[::1",
                          "http://a:99999/"}) {
    INFO(url);
    CHECK(plain.check_navigation(url) == Verdict::refuse);
  }
}

TEST_CASE("an allowed pair opens that host on that port and nothing else") {
  const AddressPolicy opened = policy({"127.0.0.1:9100", "[::1]:80", "wiki.local:443"});
  for (const char* url : {"http://127.0.0.1:9100/", "https://127.0.0.1:9100/x", "http://[::1]/", "https://wiki.local/"}) {
    INFO(url);
    CHECK(opened.check_navigation(url) == Verdict::allow);
  }
  for (const char* url : {"http://127.0.0.1/", "http://127.0.0.1:9101/", "http://127.0.0.2:9100/", "https://[::1]/", "http://wiki.local/",
                          "http://127.0.0.1:9100@10.0.0.1/"}) {
    INFO(url);
    CHECK(opened.check_navigation(url) == Verdict::refuse);
  }
}

TEST_CASE("a pair that is none is refused") {
  for (const char* entry : {"127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", ":80", "[::1]", "[::1:80", "a:b"}) {
    INFO(entry);
    CHECK_FALSE(AddressPolicy::make({entry}));
  }
}

TEST_CASE("the content filter is strict JSON and ends with the exceptions") {
  const std::string text = policy({"127.0.0.1:80"}).content_filter_json();
  const std::optional<wire::Json> filter = wire::Json::parse(text);
  REQUIRE(filter);
  const std::vector<wire::JsonView> rules = filter->view().elements();
  REQUIRE(rules.size() > 30);
  const auto type_of_rule = [](const wire::JsonView& rule) { return rule.find("action")->find("type")->as_text().value_or(""); };
  CHECK(type_of_rule(rules.front()) == "block");
  const auto pattern = [](const wire::JsonView& rule) { return rule.find("trigger")->find("url-filter")->as_text().value_or(""); };
  CHECK(type_of_rule(rules.back()) == "ignore-previous-rules");
  CHECK(pattern(rules[rules.size() - 3]) == R"(^[a-z]+://([^/]*@)?127\.0\.0\.1:80/)");
  CHECK(pattern(rules[rules.size() - 2]) == R"(^http://([^/]*@)?127\.0\.0\.1/)");
  CHECK(pattern(rules.back()) == R"(^ws://([^/]*@)?127\.0\.0\.1/)");
}

}  // namespace
}  // namespace driftstack::browser_webkit
