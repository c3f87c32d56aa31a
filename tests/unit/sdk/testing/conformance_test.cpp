// The suites on the fakes, so that the fakes cannot drift from the contracts.

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>

#include "driftstack/testing/conformance/audit_log.hpp"
#include "driftstack/testing/conformance/authenticator.hpp"
#include "driftstack/testing/conformance/browser_backend.hpp"
#include "driftstack/testing/conformance/browser_view.hpp"
#include "driftstack/testing/conformance/mailer.hpp"
#include "driftstack/testing/conformance/object_store.hpp"
#include "driftstack/testing/conformance/rate_limiter.hpp"
#include "driftstack/testing/fake_browser_backend.hpp"
#include "driftstack/testing/fixed_authenticator.hpp"
#include "driftstack/testing/memory_object_store.hpp"
#include "driftstack/testing/open_rate_limiter.hpp"
#include "driftstack/testing/recording_mailer.hpp"

namespace driftstack::testing {
namespace {

struct BrowserWorld {
  FakeHost host;
  FakeBrowserBackend browsers{host.scheduler()};
};

struct KeyWorld {
  FakeHost host;
  FixedAuthenticator keys;
};

conformance::AuthenticatorSubject keys_with_two_tokens() {
  auto world = std::make_shared<KeyWorld>();
  Principal principal = test_principal(1, ScopeSet{Scope::read, Scope::write_sessions});
  world->keys.add("ds_test_one", principal);
  principal.credential = test_principal(9, {}).credential;
  world->keys.add("ds_test_two", principal);
  conformance::AuthenticatorSubject of(conformance::Subject<Authenticator>(world, world->host, world->keys));
  of.token = "ds_test_one";
  of.other_token = "ds_test_two";
  of.account = "acc_" + principal.account.to_text();
  of.scopes = principal.scopes;
  of.foreign_account = "acc_" + test_principal(2, {}).account.to_text();
  of.revoke_token = [world] { world->keys.refuse("ds_test_one"); };
  return of;
}

TEST_CASE("the fake browser backend keeps the lifecycle of browser.backend/1") {
  conformance::browser_lifecycle([] {
    auto world = std::make_shared<BrowserWorld>();
    world->browsers.hold("wait");
    return conformance::Subject<browser::Backend>(world, world->host, world->browsers);
  });
}

TEST_CASE("the fake browser backend keeps the contract of browser.view/1") {
  conformance::browser_view([] {
    auto world = std::make_shared<BrowserWorld>();
    return conformance::BrowserViewSubject(conformance::Subject<browser::Backend>(world, world->host, world->browsers), world->browsers);
  });
}

TEST_CASE("the fixed authenticator keeps the contract of authenticator/1") { conformance::authenticator(keys_with_two_tokens); }

struct ObjectWorld {
  FakeHost host;
  MemoryObjectStore objects;
};

TEST_CASE("the object store in memory keeps the contract of object.store/1") {
  conformance::object_store([] {
    auto world = std::make_shared<ObjectWorld>();
    return conformance::ObjectStoreSubject(conformance::Subject<objects::Store>(world, world->host, world->objects));
  });
}

struct MailWorld {
  FakeHost host;
  RecordingMailer mails;
};

TEST_CASE("the recording mailer keeps the contract of mail.transport/1") {
  conformance::mailer([] {
    auto world = std::make_shared<MailWorld>();
    conformance::MailerSubject of(conformance::Subject<mail::Mailer>(world, world->host, world->mails));
    of.received = [world] { return world->mails.taken(); };
    return of;
  });
}

// The failing twins: a suite that lets these pass checks nothing.

/// Takes whatever it is given, as often as it is given.
class CarelessMailer final : public mail::Mailer {
 public:
  AsyncResult<mail::Attempt> send(const Call&, mail::Message message) override {
    taken.push_back(std::move(message));
    co_return mail::Attempt();
  }
  std::vector<mail::Message> taken;
};

TEST_CASE("a mailer that takes every address and every repeat fails the suite", "[!shouldfail]") {
  struct World {
    FakeHost host;
    CarelessMailer mails;
  };
  conformance::mailer([] {
    auto world = std::make_shared<World>();
    conformance::MailerSubject of(conformance::Subject<mail::Mailer>(world, world->host, world->mails));
    of.received = [world] { return world->mails.taken; };
    return of;
  });
}

TEST_CASE("a backend whose stop does not end a running command fails the suite", "[!shouldfail]") {
  conformance::browser_lifecycle([] {
    auto world = std::make_shared<BrowserWorld>();  // nothing is held: the wait answers at once, as if stop had come too late
    return conformance::Subject<browser::Backend>(world, world->host, world->browsers);
  });
}

/// Sends every picture again and again, to whoever asks.
class RestlessView final : public browser::View {
 public:
  explicit RestlessView(browser::View& view) noexcept : view_(view) {}
  AsyncResult<browser::Frame> next_frame(const Call& call, browser::NextFrame message) override {
    message.after = 0;
    return view_.next_frame(call, std::move(message));
  }
  AsyncResult<browser::Interacted> send_input(const Call& call, browser::SendInput message) override {
    return view_.send_input(call, std::move(message));
  }

 private:
  browser::View& view_;
};

TEST_CASE("a view that shows the same picture twice fails the suite", "[!shouldfail]") {
  struct World : BrowserWorld {
    RestlessView view{browsers};
  };
  conformance::browser_view([] {
    auto world = std::make_shared<World>();
    return conformance::BrowserViewSubject(conformance::Subject<browser::Backend>(world, world->host, world->browsers), world->view);
  });
}

TEST_CASE("an authenticator that forgets a revocation fails the suite", "[!shouldfail]") {
  conformance::authenticator([] {
    auto of = keys_with_two_tokens();
    of.revoke_token = [] {};
    return of;
  });
}

/// Lets one draw too many pass, and never refills.
class OffByOneLimiter final : public RateLimiter {
 public:
  bool knows(std::string_view bucket) const noexcept override { return limiter_.knows(bucket); }
  std::optional<RateDecision> take_now(const RateSubject&, std::string_view, std::int64_t) noexcept override {
    RateDecision decision;
    decision.capacity = kCapacity;
    decision.allowed = taken_ <= kCapacity;
    decision.remaining = std::max<std::int64_t>(0, kCapacity - ++taken_);
    decision.retry_after_seconds = decision.allowed ? 0 : 1;
    return decision;
  }
  AsyncResult<RateDecision> take(const Call&, RateSubject subject, std::string bucket, std::int64_t cost) override {
    co_return *take_now(subject, bucket, cost);
  }
  AsyncResult<std::vector<BucketLimits>> limits(const Call& call, RateSubject account) override { return limiter_.limits(call, account); }

 private:
  static constexpr std::int64_t kCapacity = 3;
  OpenRateLimiter limiter_;
  std::atomic<std::int64_t> taken_{0};
};

TEST_CASE("a limiter that lets one draw too many pass fails the suite", "[!shouldfail]") {
  struct World {
    FakeHost host;
    OffByOneLimiter limiter;
  };
  conformance::rate_limiter([] {
    auto world = std::make_shared<World>();
    return conformance::Subject<RateLimiter>(world, world->host, world->limiter);
  });
}

/// Forgets the second page of a list and answers ranges from the start.
class ForgetfulStore final : public objects::Store {
 public:
  AsyncResult<objects::Info> put(const Call& call, objects::Put message) override { return store_.put(call, std::move(message)); }
  AsyncResult<objects::Got> get(const Call& call, objects::Get message) override {
    message.offset = 0;
    return store_.get(call, std::move(message));
  }
  AsyncResult<objects::Info> head(const Call& call, objects::Head message) override { return store_.head(call, std::move(message)); }
  AsyncResult<> remove(const Call& call, objects::Remove message) override { return store_.remove(call, std::move(message)); }
  AsyncResult<objects::Listing> list(const Call& call, objects::List message) override {
    message.after.reset();
    return store_.list(call, std::move(message));
  }
  bool can_presign() const noexcept override { return false; }
  AsyncResult<objects::Presigned> presign(const Call& call, objects::Presign message) override {
    return store_.presign(call, std::move(message));
  }

 private:
  MemoryObjectStore store_;
};

TEST_CASE("a store that ignores where a list and a range begin fails the suite", "[!shouldfail]") {
  struct World {
    FakeHost host;
    ForgetfulStore objects;
  };
  conformance::object_store([] {
    auto world = std::make_shared<World>();
    return conformance::ObjectStoreSubject(conformance::Subject<objects::Store>(world, world->host, world->objects));
  });
}

TEST_CASE("a caller on a team acts for its owner with the owner's tier") {
  auto of = keys_with_two_tokens();
  auto& world = *std::static_pointer_cast<KeyWorld>(of.subject.keep);
  const auto owner = test_principal(2, {}).account;
  world.keys.add_member(test_principal(1, {}).account, owner, TierSlug("team_manual"), TeamRole::admin);
  const auto caller = conformance::detail::sign_in(of, of.token);
  REQUIRE(caller);
  const auto acting = conformance::detail::act_for(of, *caller, of.foreign_account);
  REQUIRE(acting);
  CHECK(acting->effective_account == owner);
  CHECK(acting->effective_tier == TierSlug("team_manual"));
  CHECK(acting->role == TeamRole::admin);
}

}  // namespace
}  // namespace driftstack::testing
