// The first start and the operator's command line.

#include <catch2/catch.hpp>
#include <mutex>
#include <set>

#include "identity_fixture.hpp"

namespace driftstack::identity::test {
namespace {

constinit const db::Statement kCountAccounts("SELECT count(*) FROM identity_accounts");
constinit const db::Statement kAccountOf("SELECT tier, status, email FROM identity_accounts WHERE id = $1");

Result<CreatedKey> create(IdentityFixture& identity, KeySpec spec) {
  const auto call = identity.host().call(std::chrono::minutes(5));
  return identity.run(identity.administration().create_key(*call, std::move(spec)));
}

}  // namespace

TEST_CASE("the first start makes one enterprise account with an owner key and a staff key, and the second makes nothing") {
  IdentityFixture identity({{"bootstrap_email", "boss@example.test"}});
  const auto call = identity.host().call(std::chrono::minutes(5));
  const auto made = identity.run(identity.administration().bootstrap(*call));
  REQUIRE(made);
  REQUIRE(*made);
  const BootstrapKeys& keys = **made;
  CHECK(identity.principal(keys.owner_key).scopes == ScopeSet{Scope::account_owner});
  CHECK(identity.principal(keys.staff_key).scopes == ScopeSet{Scope::driftstack_internal_admin});
  CHECK(identity.principal(keys.owner_key).account == keys.account);
  auto rows = identity.run(identity.database().read(*call, kAccountOf, db::values(keys.account.to_text())));
  REQUIRE(rows);
  CHECK((*rows)[0].text(0) == "enterprise");
  CHECK((*rows)[0].text(1) == "active");
  CHECK((*rows)[0].text(2) == "boss@example.test");
  const auto entries = identity.audit().entries("api_key.minted");
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].actor == AuditActor::system);

  const auto again = identity.run(identity.administration().bootstrap(*call));
  REQUIRE(again);
  CHECK_FALSE(*again);
}

TEST_CASE("of many servers that start on one empty store exactly one gets the keys") {
  IdentityFixture identity;
  std::mutex mutex;
  int given = 0, failed = 0;
  in_parallel(8, [&](int i) {
    const auto call = identity.host().call(std::chrono::minutes(5), static_cast<IoThread>(i % 2));
    const auto made = identity.run(identity.administration().bootstrap(*call), static_cast<IoThread>(i % 2));
    const std::lock_guard lock(mutex);
    if (!made) ++failed;
    if (made && *made) ++given;
  });
  CHECK(given == 1);
  CHECK(failed == 0);
  const auto call = identity.host().call();
  auto rows = identity.run(identity.database().read(*call, kCountAccounts, db::values()));
  REQUIRE(rows);
  CHECK((*rows)[0].integer(0) == 1);
  CHECK(identity.audit().entries("api_key.minted").size() == 2);
}

TEST_CASE("the operator makes keys for the oldest account or a named one") {
  IdentityFixture identity;
  const auto first = identity.customer("api_starter");
  identity.host().clock().advance(std::chrono::seconds(1));
  const auto second = identity.customer("api_starter");
  const auto unnamed = create(identity, KeySpec("tool", ScopeSet{Scope::read}));
  REQUIRE(unnamed);
  CHECK(unnamed->record.account == first.account);
  KeySpec spec("tool", ScopeSet{Scope::read, Scope::gui_control});
  spec.account = second.account;
  const auto named = create(identity, spec);
  REQUIRE(named);
  CHECK(named->record.account == second.account);
  CHECK(identity.principal(named->plaintext).scopes == spec.scopes);
  CHECK(identity.audit().entries("api_key.minted").back().actor == AuditActor::staff);
}

TEST_CASE("what the operator asks for must make sense") {
  IdentityFixture identity;
  CHECK(create(identity, KeySpec("tool", ScopeSet{Scope::read})).error().code == Errc::not_found);  // no account at all
  (void)identity.customer("api_starter");
  KeySpec staff("staff", ScopeSet{Scope::read});
  staff.staff = true;
  KeySpec stranger("tool", ScopeSet{Scope::read});
  stranger.account = random_uuid();
  KeySpec late("tool", ScopeSet{Scope::read});
  late.expires_at = identity.host().clock().unix_micros();
  const std::pair<KeySpec, Errc> wrong[] = {
      {KeySpec("", ScopeSet{Scope::read}), Errc::validation_failed},
      {KeySpec(std::string(121, 'x'), ScopeSet{Scope::read}), Errc::validation_failed},
      {KeySpec("\xff", ScopeSet{Scope::read}), Errc::validation_failed},
      {KeySpec("tool", ScopeSet{}), Errc::validation_failed},
      {KeySpec("tool", ScopeSet{Scope::admin}), Errc::validation_failed},
      {KeySpec("tool", ScopeSet{Scope::driftstack_internal_admin}), Errc::validation_failed},
      {staff, Errc::validation_failed},
      {stranger, Errc::not_found},
      {late, Errc::validation_failed},
  };
  for (const auto& [spec, code] : wrong) {
    CAPTURE(spec.name);
    const auto created = create(identity, spec);
    REQUIRE_FALSE(created);
    CHECK(created.error().code == code);
  }
  CHECK(create(identity, KeySpec(std::string(120, 'x'), ScopeSet{Scope::read})));
}

TEST_CASE("keys are listed newest first, of one account or of all, and revoked once") {
  IdentityFixture identity;
  const auto first = identity.customer("api_starter");
  identity.host().clock().advance(std::chrono::seconds(1));
  const auto second = identity.customer("api_starter");
  const auto call = identity.host().call(std::chrono::minutes(5));
  const auto all = identity.run(identity.administration().list_keys(*call, std::nullopt));
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].account == second.account);
  CHECK((*all)[0].key_prefix == second.token.substr(0, kPrefixSize));
  const auto own = identity.run(identity.administration().list_keys(*call, first.account));
  REQUIRE(own);
  REQUIRE(own->size() == 1);

  for (int i = 0; i < 2; ++i) REQUIRE(identity.run(identity.administration().revoke_key(*call, (*own)[0].id)));
  CHECK(identity.audit().entries("api_key.revoked").size() == 1);
  const auto after = identity.run(identity.administration().list_keys(*call, first.account));
  CHECK((*after)[0].revoked_at);
  CHECK(identity.run(identity.administration().revoke_key(*call, random_uuid())).error().code == Errc::not_found);
}

}  // namespace driftstack::identity::test
