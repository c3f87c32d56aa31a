// The life of API keys through the handlers. identity.md 8.3.

#include <atomic>
#include <catch2/catch.hpp>
#include <set>

#include "driftstack/support/json.hpp"
#include "driftstack/support/timestamp.hpp"
#include "identity_fixture.hpp"

namespace driftstack::identity::test {
namespace {

constinit const db::Statement kSetExpiry("UPDATE identity_api_keys SET expires_at = $2 WHERE id = $1");
constinit const db::Statement kSetScopes("UPDATE identity_api_keys SET scopes = $2 WHERE id = $1");
constinit const db::Statement kEndMembership("DELETE FROM identity_team_members WHERE id = $1");
constinit const db::Statement kSetCreator("UPDATE identity_api_keys SET created_by = $2 WHERE id = $1");
constinit const db::Statement kCreator("SELECT created_by FROM identity_api_keys WHERE id = $1");
constexpr std::int64_t kHour = std::int64_t{3600} * 1'000'000;

struct Owner {
  explicit Owner(IdentityFixture& identity, std::string_view tier = "api_starter")
      : identity(identity), principal(identity.customer(tier).principal) {}

  Result<Response> create(std::string body, IdempotencyRecord* keyed = nullptr) {
    return identity.send(principal, Method::post, "/v1/api-keys", std::move(body), {}, keyed);
  }
  Result<Response> rotate(const std::string& id, std::string body = {}, IdempotencyRecord* keyed = nullptr, IoThread thread = 0) {
    return identity.send(principal, Method::post, "/v1/api-keys/{id}/rotate", std::move(body), id, keyed, thread);
  }
  Result<Response> revoke(const std::string& id, IoThread thread = 0) {
    return identity.send(principal, Method::delete_, "/v1/api-keys/{id}", {}, id, nullptr, thread);
  }
  wire::Json list() {
    auto answer = identity.send(principal, Method::get, "/v1/api-keys");
    REQUIRE(answer);
    return *wire::Json::parse(answer->body);
  }
  /// A made key's id; `body` is the request.
  std::string make(std::string body = R"({"name":"a","scopes":["read"]})") {
    auto answer = create(std::move(body));
    REQUIRE(answer);
    return text_member(*answer, "id");
  }

  IdentityFixture& identity;
  Principal principal;
};

std::optional<std::string> member(wire::JsonView object, std::string_view name) {
  const auto value = object.find(name);
  return value ? value->as_text() : std::nullopt;
}

Uuid uuid_of(const std::string& key) { return KeyId::from_text(key)->uuid(); }

Errc refusal(const Result<Response>& answer) {
  REQUIRE_FALSE(answer);
  return answer.error().code;
}

}  // namespace

TEST_CASE("a made key is shown once with its plaintext, works, and leaves an entry that does not hold it") {
  IdentityFixture identity;
  Owner owner(identity);
  RecordedKey keyed;
  const auto answer = owner.create(R"({"name":"ci","scopes":["write","read"],"unknown":1})", &keyed);
  REQUIRE(answer);
  CHECK(answer->status == 201);
  const std::string id = text_member(*answer, "id");
  const std::string plaintext = text_member(*answer, "plaintext");
  const std::string created_at = text_member(*answer, "created_at");
  CHECK(answer->body ==
        "{\"id\":\"" + id + "\",\"name\":\"ci\",\"key_prefix\":\"" + plaintext.substr(0, 14) +
            "\",\"scopes\":[\"write\",\"read\"],\"last_used_at\":null,\"revoked_at\":null,\"expires_at\":null,\"created_at\":\"" +
            created_at + "\",\"plaintext\":\"" + plaintext + "\"}");
  CHECK(identity.principal(plaintext).scopes == ScopeSet{Scope::read, Scope::write});

  // The record names the key and keeps no body: the answer holds a secret.
  CHECK(keyed.status == 201);
  CHECK(keyed.resource_id == id);
  CHECK(keyed.body.empty());

  const AuditEntry entry = identity.audit().entries("api_key.minted").back();
  CHECK(entry.target == id);
  CHECK(entry.payload == R"({"name":"ci","scopes":["write","read"]})");
  CHECK(entry.actor == AuditActor::customer);
  CHECK(entry.actor_account == owner.principal.account);
  CHECK(entry.actor_key == owner.principal.credential);
  CHECK(entry.ip_address == "192.0.2.1");

  const auto list = owner.list();
  CHECK(list.text().find(plaintext) == std::string::npos);
  CHECK(list.view().find("data")->elements().size() == 2);
  CHECK(member(list.view().find("data")->elements()[0], "id") == id);  // newest first
}

TEST_CASE("a wish for a key that breaks a rule makes none") {
  IdentityFixture identity;
  Owner owner(identity);
  const std::string past = Timestamp::from_micros(identity.host().clock().unix_micros() - 1'000'000).to_text();
  const std::string bodies[] = {
      R"({})",
      R"({"name":"a"})",
      R"({"name":"a","scopes":null})",
      R"({"name":"a","scopes":[]})",
      R"({"name":"a","scopes":["read","read"]})",
      R"({"name":"a","scopes":["everything"]})",
      R"({"name":"","scopes":["read"]})",
      R"({"name":")" + std::string(121, 'x') + R"(","scopes":["read"]})",
      R"({"name":"a","scopes":["read"],"expires_at":"2026-01-01"})",
      R"({"name":"a","scopes":["read"],"expires_at":"2036-01-01T00:00:00"})",
      R"({"name":"a","scopes":["read"],"expires_at":null})",
      R"({"name":"a","scopes":["read"],"expires_at":")" + past + R"("})",
  };
  for (const std::string& body : bodies) {
    CAPTURE(body);
    CHECK(refusal(owner.create(body)) == Errc::validation_failed);
  }
  CHECK(refusal(owner.create("{")) == Errc::bad_request);
  for (const char* body : {R"({"name":"a","scopes":["admin"]})", R"({"name":"a","scopes":["driftstack_internal_admin"]})",
                           R"({"name":"a","scopes":["read","gui_control"]})"}) {
    CAPTURE(body);
    CHECK(refusal(owner.create(body)) == Errc::forbidden);
  }
  CHECK(owner.list().view().find("data")->elements().size() == 1);
  CHECK(identity.audit().entries("api_key.minted").size() == 1);
  CHECK(owner.create(R"({"name":"a","scopes":["read"],"expires_at":"2036-01-01T01:00:00+01:00"})"));
}

TEST_CASE("no entry, no key: when the audit log refuses, nothing is made or revoked") {
  IdentityFixture identity;
  Owner owner(identity);
  identity.audit().fail_next(Error(Errc::internal, "the log is damaged"));
  CHECK(refusal(owner.create(R"({"name":"a","scopes":["read"]})")) == Errc::internal);
  CHECK(owner.list().view().find("data")->elements().size() == 1);

  const std::string id = owner.make();
  identity.audit().fail_next(Error(Errc::internal, "the log is damaged"));
  CHECK(refusal(owner.revoke(id)) == Errc::internal);
  CHECK_FALSE(member(owner.list().view().find("data")->elements()[0], "revoked_at"));
  CHECK(owner.revoke(id));
  CHECK(member(owner.list().view().find("data")->elements()[0], "revoked_at"));
}

TEST_CASE("a cap on live keys holds when many ask at once, and a revoked key makes room") {
  IdentityFixture identity({{"tiers", testing::settings_table({{"api_starter", testing::settings_table({{"api_keys", 4}})}})}});
  Owner owner(identity);
  std::atomic<int> made{0}, refused{0};
  in_parallel(10, [&](int i) {
    const auto answer = identity.send(owner.principal, Method::post, "/v1/api-keys", R"({"name":"a","scopes":["read"]})", {}, nullptr,
                                      static_cast<IoThread>(i % 2));
    if (answer) ++made;
    if (!answer && answer.error().code == Errc::tier_limit && answer.error().members == R"("resource":"api_key","current":4,"limit":4)")
      ++refused;
  });
  CHECK(made == 3);  // the owner's own key is the fourth
  CHECK(refused == 7);
  REQUIRE(owner.revoke(*member(owner.list().view().find("data")->elements()[0], "id")));
  CHECK(owner.create(R"({"name":"a","scopes":["read"]})"));
}

TEST_CASE("rotation makes a successor and lets the old key work for a day") {
  IdentityFixture identity;
  identity.host().clock().freeze();
  Owner owner(identity);
  const auto old = owner.create(R"({"name":"old name","scopes":["read","write"]})");
  REQUIRE(old);
  const std::string old_id = text_member(*old, "id");
  const std::string old_token = text_member(*old, "plaintext");
  REQUIRE(identity.authenticate(old_token));

  RecordedKey keyed;
  const std::int64_t now = identity.host().clock().unix_micros();
  const auto rotated = owner.rotate(old_id, {}, &keyed);
  REQUIRE(rotated);
  CHECK(rotated->status == 201);
  CHECK(text_member(*rotated, "name") == "old name");
  CHECK(text_member(*rotated, "rotated_from") == old_id);
  const std::string grace_end = Timestamp::from_micros(now + 24 * kHour).to_text();
  CHECK(text_member(*rotated, "grace_period_ends_at") == grace_end);
  CHECK(rotated->body.find(R"("scopes":["read","write"],"last_used_at":null,"revoked_at":null,"expires_at":null)") != std::string::npos);
  CHECK(keyed.resource_id == text_member(*rotated, "id"));
  CHECK(keyed.body.empty());
  const AuditEntry entry = identity.audit().entries("api_key.rotated").back();
  CHECK(entry.target == old_id);
  CHECK(entry.payload == "{\"new_key_id\":\"" + keyed.resource_id + "\",\"grace_period_ends_at\":\"" + grace_end + "\"}");

  const std::string new_token = text_member(*rotated, "plaintext");
  CHECK(identity.authenticate(old_token));
  CHECK(identity.authenticate(new_token));
  const auto listed = owner.list();  // keeps the text that `row` views
  const auto row = listed.view().find("data")->elements().back();
  identity.host().clock().advance(std::chrono::hours(24) - std::chrono::microseconds(1));
  CHECK(identity.authenticate(old_token));
  identity.host().clock().advance(std::chrono::microseconds(1));
  const auto ended = identity.authenticate(old_token);
  REQUIRE_FALSE(ended);
  CHECK(ended.error().code == Errc::expired_key);
  CHECK(identity.authenticate(new_token));
  CHECK(refusal(owner.rotate(old_id)) == Errc::conflict);
  CHECK(row.find("revoked_at")->is_null());  // the end of the grace is no revocation
}

TEST_CASE("rotation shortens a life and never lengthens one") {
  IdentityFixture identity;
  identity.host().clock().freeze();
  Owner owner(identity);
  const std::string soon = Timestamp::from_micros(identity.host().clock().unix_micros() + kHour).to_text();
  const std::string id = owner.make(R"({"name":"a","scopes":["read"],"expires_at":")" + soon + R"("})");
  const auto rotated = owner.rotate(id, R"({"name":"b"})");
  REQUIRE(rotated);
  CHECK(text_member(*rotated, "name") == "b");
  CHECK(text_member(*rotated, "grace_period_ends_at") == soon);
  CHECK(text_member(*rotated, "expires_at") == soon);

  const std::string late = Timestamp::from_micros(identity.host().clock().unix_micros() + 100 * kHour).to_text();
  const auto second = owner.rotate(owner.make(R"({"name":"a","scopes":["read"],"expires_at":")" + late + R"("})"));
  REQUIRE(second);
  CHECK(text_member(*second, "expires_at") == late);
  CHECK(text_member(*second, "grace_period_ends_at") ==
        Timestamp::from_micros(identity.host().clock().unix_micros() + 24 * kHour).to_text());
}

TEST_CASE("dead and unknown keys are not rotated, and a refused rotation changes nothing") {
  IdentityFixture identity;
  Owner owner(identity);
  Owner stranger(identity);
  const std::string revoked = owner.make();
  REQUIRE(owner.revoke(revoked));
  CHECK(refusal(owner.rotate(revoked)) == Errc::conflict);
  const std::string expired = owner.make();
  identity.execute(kSetExpiry, db::values(uuid_of(expired).to_text(), identity.host().clock().unix_micros() - 1));
  CHECK(refusal(owner.rotate(expired)) == Errc::conflict);
  const std::string foreign = stranger.make();
  CHECK(refusal(owner.rotate(foreign)) == Errc::not_found);
  CHECK(refusal(owner.rotate(KeyId(random_uuid()).to_text())) == Errc::not_found);
  CHECK(refusal(owner.rotate("not-an-id")) == Errc::not_found);
  CHECK(refusal(owner.rotate(owner.make(), R"({"name":""})")) == Errc::validation_failed);
  CHECK(identity.audit().entries("api_key.rotated").empty());
}

TEST_CASE("a successor carries neither the staff scope nor the legacy alias") {
  IdentityFixture identity;
  Owner owner(identity);
  const std::string legacy = owner.make();
  identity.execute(kSetScopes, db::values(uuid_of(legacy).to_text(), "admin driftstack_internal_admin read"));
  const auto rotated = owner.rotate(legacy);
  REQUIRE(rotated);
  CHECK(rotated->body.find(R"("scopes":["account_owner","read"])") != std::string::npos);
  const std::string staff = owner.make();
  identity.execute(kSetScopes, db::values(uuid_of(staff).to_text(), "driftstack_internal_admin"));
  CHECK(refusal(owner.rotate(staff)) == Errc::forbidden);
}

TEST_CASE("fifty rotations of one key at once each make one successor, and the old key ends no later than the first said") {
  IdentityFixture identity;
  Owner owner(identity);
  const std::string id = owner.make();
  std::atomic<int> made{0};
  std::mutex mutex;
  std::set<std::string> successors, ends;
  in_parallel(50, [&](int i) {
    const auto rotated = owner.rotate(id, {}, nullptr, static_cast<IoThread>(i % 2));
    if (!rotated) return;
    ++made;
    const std::lock_guard lock(mutex);
    successors.insert(text_member(*rotated, "id"));
    ends.insert(text_member(*rotated, "grace_period_ends_at"));
  });
  CHECK(made == 50);
  CHECK(successors.size() == 50);
  CHECK(identity.audit().entries("api_key.rotated").size() == 50);
  const auto call = identity.host().call();
  const auto old = identity.run(identity.parts().store.find_key(*call, owner.principal.account, uuid_of(id)));
  REQUIRE(old);
  CHECK(Timestamp::from_micros((**old).expires_at.value()).to_text() == *ends.begin());
}

TEST_CASE("fifty revocations of one key at once all succeed and leave one entry") {
  IdentityFixture identity;
  Owner owner(identity);
  const std::string id = owner.make();
  std::atomic<int> succeeded{0};
  in_parallel(50, [&](int i) {
    const auto answer = owner.revoke(id, static_cast<IoThread>(i % 2));
    if (answer && answer->status == 204) ++succeeded;
  });
  CHECK(succeeded == 50);
  const auto entries = identity.audit().entries("api_key.revoked");
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].target == id);
  CHECK(entries[0].account == owner.principal.account);
}

TEST_CASE("a key of another account, an unknown one and a malformed id are all not found") {
  IdentityFixture identity;
  Owner owner(identity);
  Owner stranger(identity);
  const std::string foreign = stranger.make();
  for (const std::string& id : {foreign, KeyId(random_uuid()).to_text(), std::string("key_1"), std::string(), foreign.substr(4)}) {
    CAPTURE(id);
    CHECK(refusal(owner.revoke(id)) == Errc::not_found);
  }
  CHECK(identity.audit().entries("api_key.revoked").empty());
  CHECK(stranger.revoke(foreign));
}

TEST_CASE("a key may revoke itself, and on free only list and revoke work") {
  IdentityFixture identity;
  Owner owner(identity);
  Principal on_free = owner.principal;
  on_free.tier = on_free.effective_tier = TierSlug("free");
  const std::string own = KeyId(owner.principal.credential).to_text();
  CHECK(refusal(identity.send(on_free, Method::post, "/v1/api-keys", R"({"name":"a","scopes":["read"]})")) == Errc::forbidden);
  CHECK(refusal(identity.send(on_free, Method::post, "/v1/api-keys/{id}/rotate", {}, own)) == Errc::forbidden);
  CHECK(identity.send(on_free, Method::get, "/v1/api-keys"));
  CHECK(identity.send(on_free, Method::delete_, "/v1/api-keys/{id}", {}, own));
}

TEST_CASE("a member who acts for an owner makes no key that administers, and is recorded as the creator") {
  IdentityFixture identity;
  Owner owner(identity);
  Owner member_owner(identity);
  Principal acting = member_owner.principal;
  acting.effective_account = owner.principal.account;
  acting.role = TeamRole::admin;
  identity.join(owner.principal.account, acting.account, "admin");
  CHECK(refusal(identity.send(acting, Method::post, "/v1/api-keys", R"({"name":"a","scopes":["admin:webhooks"]})")) == Errc::forbidden);
  CHECK(refusal(identity.send(acting, Method::post, "/v1/api-keys", R"({"name":"a","scopes":["account_owner"]})")) == Errc::forbidden);
  const auto made = identity.send(acting, Method::post, "/v1/api-keys", R"({"name":"a","scopes":["read"]})");
  REQUIRE(made);
  const auto call = identity.host().call();
  auto rows = identity.run(identity.database().read(*call, kCreator, db::values(uuid_of(text_member(*made, "id")).to_text())));
  REQUIRE(rows);
  CHECK((*rows)[0].text(0) == acting.account.to_text());
  CHECK(identity.principal(text_member(*made, "plaintext")).account == owner.principal.account);

  // An owner's key that administers stays out of a member's hands.
  const std::string powerful = owner.make(R"({"name":"p","scopes":["admin:billing"]})");
  CHECK(refusal(identity.send(acting, Method::post, "/v1/api-keys/{id}/rotate", {}, powerful)) == Errc::forbidden);
  CHECK(owner.rotate(powerful));
}

TEST_CASE("a key that a member made is as limited as the member, and what it makes is the member's") {
  IdentityFixture identity;
  Owner owner(identity);
  const Uuid member_account = identity.customer("api_starter").account;
  const Uuid membership = identity.join(owner.principal.account, member_account, "admin");
  identity.execute(kSetCreator, db::values(owner.principal.credential.to_text(), member_account.to_text()));
  CHECK(refusal(owner.create(R"({"name":"a","scopes":["account_owner"]})")) == Errc::forbidden);
  const std::string made = owner.make(R"({"name":"a","scopes":["read"]})");
  const auto call = identity.host().call();
  auto rows = identity.run(identity.database().read(*call, kCreator, db::values(uuid_of(made).to_text())));
  REQUIRE(rows);
  CHECK((*rows)[0].text(0) == member_account.to_text());

  // Also when the membership ended after the key was looked at.
  identity.execute(kEndMembership, db::values(membership.to_text()));
  CHECK(refusal(owner.create(R"({"name":"a","scopes":["read"]})")) == Errc::forbidden);
  CHECK(refusal(owner.rotate(made)) == Errc::forbidden);
}

}  // namespace driftstack::identity::test
