#include "kernel/runtime/egress_policy.hpp"

#include <catch2/catch.hpp>

using driftstack::Errc;
using driftstack::kernel::check_egress;
using driftstack::kernel::EgressPolicy;

TEST_CASE("only declared hosts can be called, and only with https") {
  EgressPolicy policy;
  policy.hosts = {"api.example.com", "*.cdn.example.com"};
  policy.private_targets = {"127.0.0.1:9000", "minio.internal:80"};
  const auto code = [&](const char* url) {
    const auto result = check_egress(policy, url);
    return result ? Errc{999} : result.error().code;
  };
  constexpr Errc kAllowed{999};
  CHECK(code("https://api.example.com/x?y=1") == kAllowed);
  CHECK(code("https://API.example.com:8443/") == kAllowed);
  CHECK(code("https://a.cdn.example.com/") == kAllowed);
  CHECK(code("https://a.b.cdn.example.com/") == kAllowed);
  CHECK(code("http://127.0.0.1:9000/bucket") == kAllowed);
  CHECK(code("http://minio.internal/bucket") == kAllowed);

  CHECK(code("https://cdn.example.com/") == Errc::forbidden);
  CHECK(code("https://evilcdn.example.com/") == Errc::forbidden);
  CHECK(code("https://api.example.com.evil.example/") == Errc::forbidden);
  CHECK(code("http://api.example.com/") == Errc::forbidden);
  CHECK(code("http://127.0.0.1:9001/") == Errc::forbidden);
  CHECK(code("https://other.example/") == Errc::forbidden);
  CHECK(code("https://user@api.example.com/") == Errc::bad_request);
  CHECK(code("https://user:pw@api.example.com/") == Errc::bad_request);
  CHECK(code("file:///etc/passwd") == Errc::bad_request);
  CHECK(code("ftp://api.example.com/") == Errc::bad_request);
  CHECK(code("not a url") == Errc::bad_request);
  CHECK(code("") == Errc::bad_request);
}

TEST_CASE("a star allows any host but no plain http") {
  EgressPolicy policy;
  policy.hosts = {"*"};
  CHECK(check_egress(policy, "https://anything.example/"));
  CHECK_FALSE(check_egress(policy, "http://anything.example/"));
  CHECK_FALSE(check_egress(EgressPolicy(), "https://anything.example/"));
}
