#include "target_url.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace driftstack::sessions {
namespace {

TEST_CASE("http and https URLs with a host are taken as they are spelled") {
  for (const std::string text : {"http://example.com", "https://example.com/", "HTTPS://Example.COM/a?b=c#d", "http://127.0.0.1:8080/x",
                                 "http://[::1]:9/", "http://example.com:/", "http://localhost?q=@", "https://example.com/a@b:c",
                                 "http://b\xC3\xBC"
                                 "cher.example/",
                                 "http://a_b.example/|[]", "http://example.com#x\\y", "http://example.com:65535/"}) {
    INFO(text);
    const auto url = TargetUrl::from_text(text);
    REQUIRE(url);
    CHECK(url->text() == text);
  }
}

TEST_CASE("every other scheme and spelling is refused") {
  for (const std::string text :
       {"", "http", "http://", "https:///x", "file:///etc/passwd", "ftp://example.com/", "data:text/html,x", "javascript:alert(1)",
        "about:blank", "blob:http://example.com/1", "view-source:http://example.com/", "//example.com/", "/x", "example.com",
        "http:example.com", "http:/example.com", "httpss://example.com", "xhttp://example.com", "http:\\\\example.com"}) {
    INFO(text);
    CHECK_FALSE(TargetUrl::from_text(text));
  }
}

TEST_CASE("a URL that a browser would repair to another host is refused") {
  for (const std::string text : {"http://user@example.com/",
                                 "http://user:secret@example.com/",
                                 "http://@example.com/",
                                 "http://good.example\\@evil.example/",
                                 "http://good.example\\.evil.example/",
                                 " http://example.com/",
                                 "http://example.com/ ",
                                 "http://exa\tmple.com/",
                                 "http://exa\nmple.com/",
                                 "http://example.com/a b",
                                 "http://%31%32%37.0.0.1/",
                                 "http://exa<mple.com/",
                                 "http://[::1/",
                                 "http://[::1]x/",
                                 "http://[]/",
                                 "http://[fe80::1%25eth0]/",
                                 "http://example.com:65536/",
                                 "http://example.com:-1/",
                                 "http://example.com:80:90/",
                                 "http://:80/",
                                 "http://example.com:http/"}) {
    INFO(text);
    CHECK_FALSE(TargetUrl::from_text(text));
  }
}

}  // namespace
}  // namespace driftstack::sessions
