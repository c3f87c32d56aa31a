#include "kernel/pipeline/problem.hpp"

#include <catch2/catch.hpp>

#include "driftstack/problem.hpp"
#include "driftstack/support/json.hpp"

namespace driftstack::kernel {
namespace {

struct Row {
  Errc code;
  std::string_view slug;
  int status;
  std::string_view title;
};

// The catalogue of the wire specification, written out a second time: clients compare these texts.
constexpr Row kCatalogue[] = {
    {Errc::bad_request, "bad-request", 400, "Bad Request"},
    {Errc::validation_failed, "validation-failed", 400, "Validation Failed"},
    {Errc::invalid_auth_token, "invalid-auth-token", 400, "Invalid Auth Token"},
    {Errc::unauthorized, "unauthorized", 401, "Unauthorized"},
    {Errc::invalid_key, "invalid-key", 401, "Invalid API Key"},
    {Errc::revoked_key, "revoked-key", 401, "Revoked API Key"},
    {Errc::expired_key, "expired-key", 401, "Expired API Key"},
    {Errc::invalid_credentials, "invalid-credentials", 401, "Invalid Credentials"},
    {Errc::trial_ended, "trial-ended", 402, "Trial Ended"},
    {Errc::forbidden, "forbidden", 403, "Forbidden"},
    {Errc::mfa_step_up_required, "mfa-step-up-required", 403, "MFA Step-Up Required"},
    {Errc::email_not_verified, "email-not-verified", 403, "Email Not Verified"},
    {Errc::not_found, "not-found", 404, "Not Found"},
    {Errc::conflict, "conflict", 409, "Conflict"},
    {Errc::email_already_registered, "email-already-registered", 409, "Email Already Registered"},
    {Errc::legal_acceptance_required, "legal-acceptance-required", 409, "Legal Acceptance Required"},
    {Errc::storage_quota_exceeded, "storage-quota-exceeded", 409, "Storage Quota Exceeded"},
    {Errc::profile_in_use, "profile-in-use", 409, "Profile In Use"},
    {Errc::session_destroyed, "session-destroyed", 410, "Session Destroyed"},
    {Errc::payload_too_large, "payload-too-large", 413, "Payload Too Large"},
    {Errc::proxy_validation_failed, "proxy-validation-failed", 422, "Proxy Validation Failed"},
    {Errc::rate_limited, "rate-limited", 429, "Too Many Requests"},
    {Errc::concurrency_limit, "concurrency-limit", 429, "Concurrency Limit Reached"},
    {Errc::tier_limit, "tier-limit", 429, "Tier Limit Reached"},
    {Errc::internal, "internal", 500, "Internal Server Error"},
    {Errc::driver_error, "driver-error", 502, "Driver Error"},
    {Errc::driver_not_integrated, "driver-not-integrated", 503, "Driver Not Integrated"},
    {Errc::feature_unavailable, "feature-unavailable", 503, "Feature Unavailable"},
    {Errc::session_timeout, "session-timeout", 504, "Session Timeout"},
};

wire::Json body_of(const Response& response) {
  auto json = wire::Json::parse(response.body);
  REQUIRE(json);
  REQUIRE(json->is_object());
  return *json;
}

std::string text(const wire::Json& json, std::string_view name) {
  const auto member = json.view().find(name);
  REQUIRE(member);
  const auto value = member->as_text();
  REQUIRE(value);
  return *value;
}

TEST_CASE("Every slug of the catalogue has its type, status and title") {
  CHECK(std::size(kCatalogue) == kProblemCatalogue.size());
  for (const auto& row : kCatalogue) {
    CAPTURE(row.slug);
    const auto response = problem_response(Error(row.code, "What happened."), "req-1");
    CHECK(response.status == row.status);
    CHECK(response.content_type == "application/problem+json");
    const auto json = body_of(response);
    CHECK(text(json, "type") == "https://errors.driftstack.dev/" + std::string(row.slug));
    CHECK(text(json, "title") == row.title);
    CHECK(json.view().find("status")->as_int() == row.status);
    CHECK(text(json, "instance") == "req-1");
    CHECK((text(json, "detail") == "What happened.") == (row.code != Errc::internal));
  }
}

TEST_CASE("What goes wrong inside the server shows nothing but the request id") {
  for (const Errc code : {Errc::internal, Errc::constraint, Errc::busy, Errc::outcome_unknown, Errc::misuse, Errc::cancelled, Errc::timeout,
                          Errc::unreachable, Errc::unavailable, static_cast<Errc>(9999)}) {
    CAPTURE(static_cast<int>(code));
    const auto response =
        problem_response(Error(code, "password=hunter2").with_members(R"("table":"keys")").with_constraint("keys_pkey"), "req-1");
    CHECK(hides_detail(code));
    CHECK(response.status == 500);
    CHECK(response.body.find("hunter2") == std::string::npos);
    CHECK(response.body.find("keys") == std::string::npos);
    CHECK(text(body_of(response), "type") == "https://errors.driftstack.dev/internal");
    CHECK(text(body_of(response), "instance") == "req-1");
  }
  CHECK_FALSE(hides_detail(Errc::not_found));
  CHECK_FALSE(hides_detail(Errc::feature_unavailable));
}

TEST_CASE("Members of the error stand at the top level of the problem") {
  const auto response =
      problem_response(Error(Errc::concurrency_limit, "Too many.").with_members(R"("current_sessions":2,"limit":2)"), "r");
  const auto json = body_of(response);
  CHECK(json.view().find("current_sessions")->as_int() == 2);
  CHECK(json.view().find("limit")->as_int() == 2);
}

TEST_CASE("Detail and request id are escaped, and no id means no instance") {
  const auto json = body_of(problem_response(Error(Errc::bad_request, "a \"quoted\"\nline\\"), ""));
  CHECK(text(json, "detail") == "a \"quoted\"\nline\\");
  CHECK_FALSE(json.view().find("instance"));
}

TEST_CASE("A wait is whole seconds in Retry-After, and a member of rate-limited alone") {
  const auto limited = problem_response(Error(Errc::rate_limited, "Slow.").with_retry_after(12), "r");
  REQUIRE(limited.headers.size() == 1);
  CHECK(limited.headers[0].name == "Retry-After");
  CHECK(limited.headers[0].value == "12");
  CHECK(body_of(limited).view().find("retry_after_seconds")->as_int() == 12);

  const auto busy = problem_response(Error(Errc::feature_unavailable, "Full.").with_retry_after(30), "r");
  REQUIRE(busy.headers.size() == 1);
  CHECK(busy.headers[0].value == "30");
  CHECK_FALSE(body_of(busy).view().find("retry_after_seconds"));

  CHECK(problem_response(Error(Errc::rate_limited, "Slow."), "r").headers.empty());
}

}  // namespace
}  // namespace driftstack::kernel
