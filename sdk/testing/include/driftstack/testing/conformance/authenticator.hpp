#pragma once
// Conformance suite of authenticator/1.

#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "driftstack/roles/authenticator.hpp"
#include "driftstack/testing/conformance/subject.hpp"

namespace driftstack::testing::conformance {

/// An authenticator with accounts in it.
struct AuthenticatorSubject {
  explicit AuthenticatorSubject(Subject<Authenticator> subject) : subject(std::move(subject)) {}
  Subject<Authenticator> subject;
  /// A token that is valid now, and another one of the same account.
  std::string token, other_token;
  /// The account behind both, as `acc_<uuid>`, and its scopes.
  std::string account;
  ScopeSet scopes;
  /// Text of an account on whose team the caller is not; it may or may not exist.
  std::string foreign_account;
  /// Makes `token` invalid, the way a customer does it.
  std::function<void()> revoke_token;
};

using MakeAuthenticatorSubject = std::function<AuthenticatorSubject()>;

namespace detail {

/// Authenticates the way the server does.
inline Result<Principal> sign_in(AuthenticatorSubject& of, const std::string& token) {
  auto now = call_on_io(of.subject.host, [&] { return of.subject.role.authenticate_now(token); });
  if (now) return *std::move(now);
  const auto call = of.subject.host.call();
  return run(of.subject.host, of.subject.role.authenticate(*call, token));
}

inline Result<Principal> act_for(AuthenticatorSubject& of, const Principal& caller, std::string account) {
  const auto call = of.subject.host.call();
  call->set_principal(caller);
  return run(of.subject.host, of.subject.role.act_for(*call, caller, std::move(account)));
}

inline bool is_credential_refusal(Errc code) {
  return code == Errc::unauthorized || code == Errc::invalid_key || code == Errc::revoked_key || code == Errc::expired_key;
}

}  // namespace detail

inline void authenticator(const MakeAuthenticatorSubject& make) {
  using detail::sign_in;
  auto of = make();

  SECTION("a valid token is its account, acting for itself") {
    const auto principal = sign_in(of, of.token);
    REQUIRE(principal);
    CHECK("acc_" + principal->account.to_text() == of.account);
    CHECK(principal->effective_account == principal->account);
    CHECK(principal->effective_tier == principal->tier);
    CHECK(principal->scopes == of.scopes);
    CHECK_FALSE(principal->acts_for_other());
  }
  SECTION("the answer from memory is the answer of the full check") {
    const auto call = of.subject.host.call();
    const auto full = run(of.subject.host, of.subject.role.authenticate(*call, of.token));
    REQUIRE(full);
    const auto now = call_on_io(of.subject.host, [&] { return of.subject.role.authenticate_now(of.token); });
    if (now) {
      REQUIRE(*now);
      CHECK((*now)->account == full->account);
      CHECK((*now)->credential == full->credential);
      CHECK((*now)->scopes == full->scopes);
    }
  }
  SECTION("two tokens of one account are two credentials") {
    const auto one = sign_in(of, of.token);
    const auto other = sign_in(of, of.other_token);
    REQUIRE(one);
    REQUIRE(other);
    CHECK(one->account == other->account);
    CHECK(one->credential != other->credential);
  }
  SECTION("a token that nobody was given is refused, each time") {
    auto changed = of.token;
    changed.back() = changed.back() == 'a' ? 'b' : 'a';
    for (const auto& token : {std::string(), std::string("x"), std::string(10'000, 'x'), changed, of.token + "a"}) {
      for (int i = 0; i < 2; ++i) {
        const auto result = sign_in(of, token);
        REQUIRE_FALSE(result);
        CHECK(detail::is_credential_refusal(result.error().code));
      }
    }
    CHECK(sign_in(of, of.token));
  }
  SECTION("a refusal does not repeat the token") {
    const auto result = sign_in(of, "ds_live_0123456789abcdef");
    REQUIRE_FALSE(result);
    CHECK(result.error().detail.find("0123456789abcdef") == std::string::npos);
    CHECK_FALSE(of.subject.host.log().mentions("0123456789abcdef"));
  }
  SECTION("a revoked token is refused on the next request, from memory too, and others stay") {
    REQUIRE(sign_in(of, of.token));
    REQUIRE(sign_in(of, of.token));
    of.revoke_token();
    const auto refused = sign_in(of, of.token);
    REQUIRE_FALSE(refused);
    CHECK(detail::is_credential_refusal(refused.error().code));
    CHECK(sign_in(of, of.other_token));
  }
  SECTION("acting for an account needs a place on its team, and a text that is an account id") {
    const auto caller = sign_in(of, of.token);
    REQUIRE(caller);
    CHECK(detail::act_for(of, *caller, of.foreign_account).error().code == Errc::forbidden);
    for (const char* text : {"", "acc_", "acc_1", "ses_00000000-0000-4000-8000-000000000000", "acc_00000000-0000-4000-8000-00000000000G"}) {
      INFO(text);
      CHECK(detail::act_for(of, *caller, text).error().code == Errc::bad_request);
    }
  }
}

}  // namespace driftstack::testing::conformance
