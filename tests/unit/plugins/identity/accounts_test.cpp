// The caller's own account through the handlers.

#include <catch2/catch.hpp>

#include "driftstack/roles/accounts.hpp"
#include "driftstack/support/json.hpp"
#include "driftstack/testing/open_rate_limiter.hpp"
#include "identity_fixture.hpp"

namespace driftstack::identity::test {
namespace {

class FixedUsage final : public AccountUsage {
 public:
  AsyncResult<std::int64_t> active_sessions(const Call&, const Uuid&) override { co_return 3; }
  AsyncResult<std::int64_t> profiles(const Call&, const Uuid&) override { co_return 7; }
};

Result<Response> patch(IdentityFixture& identity, const Principal& caller, std::string body) {
  return identity.send(caller, Method::patch, "/v1/account/me", std::move(body));
}

}  // namespace

TEST_CASE("the account shows every key of its shape, in order") {
  IdentityFixture identity;
  const auto customer = identity.customer("api_builder");
  const std::string account = AccountId(customer.account).to_text();
  const Principal owner = customer.principal;
  const auto answer = identity.send(owner, Method::get, "/v1/account/me");
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body ==
        "{\"id\":\"" + account + "\",\"email\":\"" + customer.account.to_text() +
            "@example.test\",\"name\":null,\"tier\":\"api_builder\",\"status\":\"active\",\"timezone\":null,\"slug\":null,"
            "\"region\":null,\"avatar_url\":null,\"avatar_source\":\"none\",\"mfa_enrolled\":false,"
            "\"concurrent_session_cap\":8,\"concurrent_session_active\":0,\"profile_cap\":100,\"profile_count\":0,\"teams\":[]}");

  FixedUsage usage;
  identity.host().provide<AccountUsage>(&usage);
  const auto busy = identity.send(owner, Method::get, "/v1/account/me");
  REQUIRE(busy);
  CHECK(busy->body.find("\"concurrent_session_active\":3") != std::string::npos);
  CHECK(busy->body.find("\"profile_count\":7") != std::string::npos);
}

TEST_CASE("a patch sets what it names, clears what is null, and leaves the rest") {
  IdentityFixture identity;
  const Principal owner = identity.customer("enterprise").principal;
  const auto set = patch(identity, owner, R"({"name":"  Ada  ","timezone":"Europe/Berlin","slug":"ada-1","region":"eu"})");
  REQUIRE(set);
  CHECK(text_member(*set, "name") == "Ada");
  CHECK(text_member(*set, "timezone") == "Europe/Berlin");
  CHECK(text_member(*set, "slug") == "ada-1");
  CHECK(text_member(*set, "region") == "eu");
  CHECK(set->body.find("\"profile_cap\":null") != std::string::npos);

  const auto cleared = patch(identity, owner, R"({"name":null,"region":null})");
  REQUIRE(cleared);
  CHECK(cleared->body.find("\"name\":null") != std::string::npos);
  CHECK(cleared->body.find("\"region\":null") != std::string::npos);
  CHECK(text_member(*cleared, "slug") == "ada-1");
  CHECK(identity.audit().entries().size() == 1);  // of the key alone: an edit of the account has no audit action
}

TEST_CASE("a patch that breaks a rule changes nothing") {
  IdentityFixture identity;
  const Principal owner = identity.customer("api_starter").principal;
  const std::string before = identity.send(owner, Method::get, "/v1/account/me")->body;
  for (const char* body : {"{}", R"({"email":"x@example.test"})", R"({"name":""})", R"({"name":"   "})", R"({"timezone":"Foo/Bar"})",
                           R"({"timezone":"../UTC"})", R"({"slug":"ab"})", R"({"slug":"a--b"})", R"({"slug":"Upper"})", R"({"slug":"-ab"})",
                           R"({"region":"mars"})", R"({"name":5})"}) {
    CAPTURE(body);
    const auto refused = patch(identity, owner, body);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::validation_failed);
  }
  CHECK(patch(identity, owner, R"({"name":"ok","slug":"a--b"})").error().code == Errc::validation_failed);
  CHECK(identity.send(owner, Method::get, "/v1/account/me")->body == before);
  CHECK(patch(identity, owner, R"({"timezone":"UTC"})"));
  CHECK(patch(identity, owner, "{").error().code == Errc::bad_request);
}

TEST_CASE("a slug belongs to one account; of many that ask at once one gets it") {
  IdentityFixture identity;
  std::vector<Principal> owners;
  for (int i = 0; i < 8; ++i) owners.push_back(identity.customer("api_starter").principal);
  std::atomic<int> taken{0}, conflicts{0};
  in_parallel(8, [&](int i) {
    const auto answer = patch(identity, owners[static_cast<std::size_t>(i)], R"({"slug":"wanted"})");
    if (answer) {
      ++taken;
    } else if (answer.error().code == Errc::conflict) {
      ++conflicts;
    }
  });
  CHECK(taken == 1);
  CHECK(conflicts == 7);
}

TEST_CASE("whoami tells account, key, tier and scopes") {
  IdentityFixture identity;
  const auto customer = identity.customer("api_starter");
  const Principal owner = customer.principal;
  const auto answer = identity.send(owner, Method::get, "/v1/whoami");
  REQUIRE(answer);
  CHECK(answer->body == "{\"account_id\":\"" + AccountId(customer.account).to_text() + "\",\"api_key_id\":\"" +
                            KeyId(owner.credential).to_text() + "\",\"tier\":\"api_starter\",\"scopes\":[\"account_owner\"]}");
}

TEST_CASE("rate limits are those of the limiter, and none without one") {
  IdentityFixture identity;
  const Principal owner = identity.customer("api_starter").principal;
  const auto without = identity.send(owner, Method::get, "/v1/account/rate-limits");
  REQUIRE(without);
  CHECK(without->body == R"({"tier":"api_starter","buckets":[]})");

  testing::OpenRateLimiter limiter;
  identity.host().provide<RateLimiter>(&limiter);
  const auto with = identity.send(owner, Method::get, "/v1/account/rate-limits");
  REQUIRE(with);
  CHECK(with->body.find("\"bucket_key\":\"global\"") != std::string::npos);
  CHECK(with->body.find("\"source\":\"tier_default\",\"override_expires_at\":null") != std::string::npos);
}

TEST_CASE("acting for an account: the own one, no one else's, and nothing malformed") {
  IdentityFixture identity;
  const Principal owner = identity.customer("api_starter").principal;
  const auto call = identity.host().call();
  const auto act_for = [&](std::string account) { return identity.run(identity.parts().act_for(*call, owner, std::move(account))); };
  const auto own = act_for(AccountId(owner.account).to_text());
  REQUIRE(own);
  CHECK_FALSE(own->acts_for_other());
  CHECK(act_for(AccountId(random_uuid()).to_text()).error().code == Errc::forbidden);
  for (const char* malformed : {"", "acc_", "me", "key_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11", "acc_3F2B8C1E-5d47-4a0b-9c65-1f0e7d2a4b11"}) {
    CAPTURE(malformed);
    CHECK(act_for(malformed).error().code == Errc::bad_request);
  }
}

}  // namespace driftstack::identity::test
