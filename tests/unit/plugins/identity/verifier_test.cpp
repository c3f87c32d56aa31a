// From token to principal, on a real database: what is answered from memory, and what makes memory worthless.

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>

#include "identity_fixture.hpp"

namespace driftstack::identity::test {
namespace {

constinit const db::Statement kSetStatus("UPDATE identity_accounts SET status = $2, change = $3 WHERE id = $1");
constinit const db::Statement kSetTier("UPDATE identity_accounts SET tier = $2 WHERE id = $1");
constinit const db::Statement kSetExpiry("UPDATE identity_api_keys SET expires_at = $2 WHERE key_prefix = $1");
constinit const db::Statement kTakeNumber("UPDATE identity_changes SET sequence = sequence + 1 WHERE id = 1");
constinit const db::Statement kLastUsed("SELECT last_used_at FROM identity_api_keys WHERE key_prefix = $1");

Errc refusal(const Result<Principal>& outcome) {
  REQUIRE_FALSE(outcome);
  return outcome.error().code;
}

std::string with_other_end(std::string token) {
  token.back() = token.back() == 'a' ? 'b' : 'a';
  return token;
}

/// What a later operation of the staff will do, here by another process.
void set_status(IdentityFixture& identity, const Uuid& account, const char* status) {
  identity.execute(kTakeNumber, db::values());
  const auto call = identity.host().call();
  const auto number = identity.run(identity.parts().store.last_change(*call));
  REQUIRE(number);
  identity.execute(kSetStatus, db::values(account.to_text(), status, *number));
}

/// Waits for a fact that a background worker brings about.
template <class F>
bool comes_true(F fact) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < limit) {
    if (fact()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

/// Uses a key until memory answers for it: the watch may still be on its way to the change that made the key, which costs one look more.
bool becomes_remembered(IdentityFixture& identity, const std::string& token) {
  return comes_true([&] {
    REQUIRE(identity.authenticate(token));
    return identity.authenticate_now(token).has_value();
  });
}

}  // namespace

TEST_CASE("a key is hashed once and answered from memory from then on") {
  IdentityFixture identity;
  const auto customer = identity.customer("api_starter");
  CHECK_FALSE(identity.authenticate_now(customer.token));
  const auto first = identity.authenticate(customer.token);
  REQUIRE(first);
  CHECK(first->account == customer.account);
  CHECK(first->effective_account == customer.account);
  CHECK(first->tier.view() == "api_starter");
  CHECK(first->scopes == ScopeSet{Scope::account_owner});
  CHECK(first->kind == CredentialKind::api_key);

  REQUIRE(becomes_remembered(identity, customer.token));
  const double before = identity.outcomes("ok");
  const auto second = identity.authenticate_now(customer.token);
  REQUIRE(second);
  REQUIRE(*second);
  CHECK((**second).credential == first->credential);
  CHECK(identity.outcomes("ok") == before + 1);
}

TEST_CASE("tokens that are no good are refused with the word for their kind") {
  IdentityFixture identity;
  const auto customer = identity.customer("api_starter");
  CHECK(refusal(identity.authenticate("")) == Errc::unauthorized);
  CHECK(refusal(identity.authenticate("oat_something")) == Errc::unauthorized);
  CHECK(refusal(identity.authenticate(std::string(43, 'x'))) == Errc::unauthorized);
  CHECK(refusal(identity.authenticate("ds_short")) == Errc::invalid_key);
  CHECK(refusal(identity.authenticate("ds_live_" + std::string(40, 'a'))) == Errc::invalid_key);
  CHECK(identity.outcomes("unauthorized") == 3);
  CHECK(identity.outcomes("invalid") == 2);

  // The right prefix with another secret: first against the row, then against memory.
  CHECK(refusal(identity.authenticate(with_other_end(customer.token))) == Errc::invalid_key);
  REQUIRE(becomes_remembered(identity, customer.token));
  const auto from_memory = identity.authenticate_now(with_other_end(customer.token));
  REQUIRE(from_memory);
  CHECK(refusal(*from_memory) == Errc::invalid_key);
  CHECK(identity.authenticate(customer.token));
}

TEST_CASE("wrong secrets never reach the slow hash") {
  IdentityFixture identity({{"hashing_threads", 1}, {"hashing_queue", 1}});
  const auto customer = identity.customer("api_starter");
  // If each of these cost a hash, most would be refused as too many instead.
  std::atomic<int> refused{0};
  in_parallel(30, [&](int) {
    const auto answer = identity.authenticate(with_other_end(customer.token));
    refused += !answer && answer.error().code == Errc::invalid_key ? 1 : 0;
  });
  CHECK(refused == 30);
}

TEST_CASE("a revoked key is refused on its next request") {
  IdentityFixture identity;
  const auto customer = identity.customer("api_starter");
  const Principal owner = identity.principal(customer.token);
  REQUIRE(becomes_remembered(identity, customer.token));
  REQUIRE(identity.send(owner, Method::delete_, "/v1/api-keys/{id}", {}, KeyId(owner.credential).to_text()));
  CHECK_FALSE(identity.authenticate_now(customer.token));
  CHECK(refusal(identity.authenticate(customer.token)) == Errc::revoked_key);
  CHECK(identity.outcomes("revoked") == 1);
}

TEST_CASE("requests that run beside a revocation never pass after it was answered") {
  IdentityFixture identity;
  for (int round = 0; round < 5; ++round) {
    const auto customer = identity.customer("api_starter");
    const Principal owner = identity.principal(customer.token);
    std::atomic<bool> is_answered{false};
    std::atomic<int> late_passes{0};
    in_parallel(8, [&](int i) {
      if (i == 0) {
        CHECK(identity.send(owner, Method::delete_, "/v1/api-keys/{id}", {}, KeyId(owner.credential).to_text()));
        is_answered = true;
        return;
      }
      for (int k = 0; k < 30; ++k) {
        const bool was_answered = is_answered;
        if (identity.authenticate(customer.token, static_cast<IoThread>(i % 2)) && was_answered) ++late_passes;
      }
    });
    CHECK(late_passes == 0);
    CHECK(refusal(identity.authenticate(customer.token)) == Errc::revoked_key);
  }
}

TEST_CASE("a key made by another process works at once, and its revocation there bites here within a second") {
  IdentityFixture identity;
  const auto customer = identity.customer("api_starter");
  const auto other = identity.other_process();
  const auto call = identity.host().call(std::chrono::minutes(5));
  KeySpec spec("from the command line", ScopeSet{Scope::read});
  spec.account = customer.account;
  const auto created = identity.run(other->parts.operator_keys.create_key(*call, std::move(spec)));
  REQUIRE(created);
  REQUIRE(identity.authenticate(created->plaintext));
  REQUIRE(becomes_remembered(identity, created->plaintext));

  REQUIRE(identity.run(other->parts.operator_keys.revoke_key(*call, created->record.id)));
  const auto began = std::chrono::steady_clock::now();
  CHECK(comes_true([&] { return !identity.authenticate(created->plaintext); }));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(1) + std::chrono::seconds(4));  // slack: a loaded machine
  CHECK(refusal(identity.authenticate(created->plaintext)) == Errc::revoked_key);
}

TEST_CASE("without news from the store memory is not trusted") {
  IdentityFixture identity({{"change_poll", std::chrono::milliseconds(900)}});
  const auto customer = identity.customer("api_starter");
  REQUIRE(becomes_remembered(identity, customer.token));
  identity.host().clock().freeze();
  CHECK(identity.authenticate_now(customer.token));
  // The clock jumps past the trust; the answer comes before the watch can have looked again.
  const auto jumped = testing::call_on_io(identity.host(), [&] {
    identity.parts().versions.set_current_until(identity.host().clock().steady());
    return identity.parts().authenticate_now(customer.token).has_value();
  });
  CHECK_FALSE(jumped);
  CHECK(identity.authenticate(customer.token));
  identity.host().clock().advance(std::chrono::seconds(1));
  CHECK(comes_true([&] {
    identity.host().clock().advance(std::chrono::milliseconds(50));
    REQUIRE(identity.authenticate(customer.token));
    return identity.authenticate_now(customer.token).has_value();
  }));
}

TEST_CASE("an expired key is refused from the row and from memory, and revoked wins over expired") {
  IdentityFixture identity;
  identity.host().clock().freeze();
  const auto customer = identity.customer("api_starter");
  const std::string prefix = customer.token.substr(0, kPrefixSize);
  const std::int64_t end = identity.host().clock().unix_micros() + 400'000;
  identity.execute(kSetExpiry, db::values(prefix, end));
  // Let the watch for foreign changes take note of that one, so that it is not due again before the end (it looks every 250 ms).
  const auto looks = identity.host().worker("identity-changes").count();
  identity.host().clock().advance(std::chrono::milliseconds(250));
  REQUIRE(comes_true([&] { return identity.host().worker("identity-changes").count() > looks; }));
  const Principal owner = identity.principal(customer.token);
  REQUIRE(identity.authenticate_now(customer.token));

  identity.host().clock().advance(std::chrono::milliseconds(150));
  const auto from_memory = identity.authenticate_now(customer.token);
  REQUIRE(from_memory);
  CHECK(refusal(*from_memory) == Errc::expired_key);
  identity.parts().versions.moved(owner.credential);
  CHECK(refusal(identity.authenticate(customer.token)) == Errc::expired_key);

  REQUIRE(identity.send(owner, Method::delete_, "/v1/api-keys/{id}", {}, KeyId(owner.credential).to_text()));
  CHECK(refusal(identity.authenticate(customer.token)) == Errc::revoked_key);
}

TEST_CASE("a suspended account is forbidden as soon as the change is known, and works again after it") {
  IdentityFixture identity;
  const auto customer = identity.customer("api_starter");
  REQUIRE(identity.authenticate(customer.token));
  set_status(identity, customer.account, "suspended");
  CHECK(comes_true([&] { return !identity.authenticate(customer.token); }));
  const auto outcome = identity.authenticate(customer.token);
  CHECK(refusal(outcome) == Errc::forbidden);
  CHECK(outcome.error().detail.find("suspended") != std::string::npos);

  set_status(identity, customer.account, "active");
  CHECK(identity.authenticate(customer.token));
}

TEST_CASE("a tier without API access shuts its keys out, staff keys not, and the gate can be opened") {
  for (const bool is_closed : {true, false}) {
    IdentityFixture identity({{"api_access_gate", is_closed}});
    const auto customer = identity.customer("free");
    CHECK(customer.token.substr(0, kEnvironmentSize) == "ds_test_");
    const auto outcome = identity.authenticate(customer.token);
    CHECK(outcome.has_value() == !is_closed);
    if (is_closed) {
      CHECK(refusal(outcome) == Errc::forbidden);
      CHECK(outcome.error().detail.find("apiAccess") != std::string::npos);
      CHECK(outcome.error().detail.find("free") != std::string::npos);
      identity.execute(kSetTier, db::values(customer.account.to_text(), "api_starter"));
      CHECK(identity.authenticate(customer.token));
      identity.execute(kSetTier, db::values(customer.account.to_text(), "free"));
    }
    const auto call = identity.host().call(std::chrono::minutes(5));
    KeySpec spec("staff", ScopeSet{});
    spec.account = customer.account;
    spec.staff = true;
    const auto staff = identity.run(identity.administration().create_key(*call, std::move(spec)));
    REQUIRE(staff);
    CHECK(identity.authenticate(staff->plaintext));
  }
}

TEST_CASE("fifty first requests with one key at once cost one hash") {
  IdentityFixture identity({{"hashing_threads", 1}, {"hashing_queue", 1}});
  const auto customer = identity.customer("api_starter");
  std::atomic<int> passed{0};
  in_parallel(50, [&](int i) { passed += identity.authenticate(customer.token, static_cast<IoThread>(i % 2)) ? 1 : 0; });
  CHECK(passed == 50);
}

TEST_CASE("a full hashing queue refuses with a retry time and forgets nothing") {
  IdentityFixture identity({{"hashing_threads", 1}, {"hashing_queue", 1}});
  std::vector<std::string> tokens;
  for (int i = 0; i < 6; ++i) tokens.push_back(identity.customer("api_starter").token);
  std::atomic<int> refused{0};
  in_parallel(6, [&](int i) {
    const auto outcome = identity.authenticate(tokens[static_cast<std::size_t>(i)]);
    if (outcome) return;
    if (outcome.error().code == Errc::feature_unavailable && outcome.error().retry_after_seconds >= 1) ++refused;
  });
  CHECK(refused >= 1);
  CHECK(identity.outcomes("error") == refused);
  for (const std::string& token : tokens) CHECK(identity.authenticate(token));
}

TEST_CASE("the last use is written by the worker, once a minute at most") {
  IdentityFixture identity;
  const auto customer = identity.customer("api_starter");
  const auto last_used = [&]() -> std::optional<std::int64_t> {
    const auto call = identity.host().call();
    auto rows = identity.run(identity.database().read(*call, kLastUsed, db::values(customer.token.substr(0, kPrefixSize))));
    REQUIRE(rows);
    return (*rows)[0].maybe_integer(0);
  };
  CHECK_FALSE(last_used());
  REQUIRE(identity.authenticate(customer.token));
  const auto passes_time = [&] { identity.host().clock().advance(std::chrono::seconds(1)); };
  CHECK(comes_true([&] {
    passes_time();
    return last_used().has_value();
  }));
  const auto first = *last_used();

  for (int i = 0; i < 5; ++i) {
    REQUIRE(identity.authenticate(customer.token));
    identity.host().clock().advance(std::chrono::seconds(2));
  }
  CHECK(last_used() == first);

  identity.host().clock().advance(std::chrono::minutes(2));
  REQUIRE(identity.authenticate(customer.token));
  CHECK(comes_true([&] {
    passes_time();
    return *last_used() > first;
  }));
}

}  // namespace driftstack::identity::test
