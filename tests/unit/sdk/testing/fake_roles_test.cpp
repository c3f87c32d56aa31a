#include <catch2/catch.hpp>

#include "driftstack/testing/fake_host.hpp"
#include "driftstack/testing/fixed_authenticator.hpp"
#include "driftstack/testing/open_rate_limiter.hpp"
#include "driftstack/testing/recording_audit_log.hpp"

namespace driftstack::testing {
namespace {

/// A transaction that no fake looks at.
class NoTransaction final : public db::Transaction {
 public:
  AsyncResult<db::Rows> run(const db::Statement&, db::Values) override { co_return Error(Errc::misuse, "no database here"); }
  AsyncResult<> lock(std::string) override { co_return Done(); }
};

TEST_CASE("the open limiter lets a draw pass until its bucket is closed") {
  OpenRateLimiter limiter;
  const auto subject = RateSubject::address(Uuid());
  CHECK(limiter.take_now(subject, "global", 2)->allowed);
  CHECK(limiter.drawn("global") == 2);
  limiter.close("global");
  const auto denied = limiter.take_now(subject, "global", 1);
  CHECK_FALSE(denied->allowed);
  CHECK(denied->retry_after_seconds == OpenRateLimiter::kRetryAfterSeconds);
  CHECK(limiter.take_now(subject, "sessions:create", 1)->allowed);
  limiter.open("global");
  CHECK(limiter.take_now(subject, "global", 1)->allowed);
  CHECK(limiter.drawn("global") == 3);
  CHECK_FALSE(limiter.knows("sessions:destroy"));
}

TEST_CASE("the recording audit log keeps entries and fails when told to, once") {
  FakeHost host;
  RecordingAuditLog audit;
  NoTransaction transaction;
  const Uuid account = test_principal(1, {}).account;
  audit.fail_next(Error(Errc::busy, "locked"));
  CHECK(run(host, audit.append(transaction, AuditEntry(account, AuditActor::system, "key.minted"))).error().code == Errc::busy);
  CHECK(run(host, audit.append(transaction, AuditEntry(account, AuditActor::system, "key.minted"))));
  CHECK(audit.entries().size() == 1);
  CHECK(audit.entries("key.minted")[0].account == account);
  CHECK(audit.entries("key.revoked").empty());
}

TEST_CASE("test principals differ by number and act for themselves") {
  const auto one = test_principal(1, ScopeSet{Scope::read});
  const auto two = test_principal(2, ScopeSet{Scope::read});
  CHECK(one.account != two.account);
  CHECK(one.account != one.credential);
  CHECK_FALSE(one.acts_for_other());
  CHECK(one.account == test_principal(1, {}).account);
}

}  // namespace
}  // namespace driftstack::testing
