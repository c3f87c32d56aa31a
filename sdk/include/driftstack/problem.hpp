#pragma once
// The problem catalogue of the wire: one row per slug. The only place that knows status and title.

#include <array>
#include <string_view>

#include "driftstack/result.hpp"

namespace driftstack {
inline namespace v1 {

struct ProblemKind {
  Errc code;
  std::string_view slug;
  int status;
  std::string_view title;
};

/// Prefix of every problem's `type`; the same on every server, clients compare the whole text.
inline constexpr std::string_view kProblemTypePrefix = "https://errors.driftstack.dev/";

inline constexpr std::array kProblemCatalogue = {
    ProblemKind{Errc::internal, "internal", 500, "Internal Server Error"},
    ProblemKind{Errc::bad_request, "bad-request", 400, "Bad Request"},
    ProblemKind{Errc::validation_failed, "validation-failed", 400, "Validation Failed"},
    ProblemKind{Errc::invalid_auth_token, "invalid-auth-token", 400, "Invalid Auth Token"},
    ProblemKind{Errc::unauthorized, "unauthorized", 401, "Unauthorized"},
    ProblemKind{Errc::invalid_key, "invalid-key", 401, "Invalid API Key"},
    ProblemKind{Errc::revoked_key, "revoked-key", 401, "Revoked API Key"},
    ProblemKind{Errc::expired_key, "expired-key", 401, "Expired API Key"},
    ProblemKind{Errc::invalid_credentials, "invalid-credentials", 401, "Invalid Credentials"},
    ProblemKind{Errc::trial_ended, "trial-ended", 402, "Trial Ended"},
    ProblemKind{Errc::forbidden, "forbidden", 403, "Forbidden"},
    ProblemKind{Errc::mfa_step_up_required, "mfa-step-up-required", 403, "MFA Step-Up Required"},
    ProblemKind{Errc::email_not_verified, "email-not-verified", 403, "Email Not Verified"},
    ProblemKind{Errc::not_found, "not-found", 404, "Not Found"},
    ProblemKind{Errc::conflict, "conflict", 409, "Conflict"},
    ProblemKind{Errc::email_already_registered, "email-already-registered", 409, "Email Already Registered"},
    ProblemKind{Errc::legal_acceptance_required, "legal-acceptance-required", 409, "Legal Acceptance Required"},
    ProblemKind{Errc::storage_quota_exceeded, "storage-quota-exceeded", 409, "Storage Quota Exceeded"},
    ProblemKind{Errc::profile_in_use, "profile-in-use", 409, "Profile In Use"},
    ProblemKind{Errc::session_destroyed, "session-destroyed", 410, "Session Destroyed"},
    ProblemKind{Errc::payload_too_large, "payload-too-large", 413, "Payload Too Large"},
    ProblemKind{Errc::proxy_validation_failed, "proxy-validation-failed", 422, "Proxy Validation Failed"},
    ProblemKind{Errc::rate_limited, "rate-limited", 429, "Too Many Requests"},
    ProblemKind{Errc::concurrency_limit, "concurrency-limit", 429, "Concurrency Limit Reached"},
    ProblemKind{Errc::tier_limit, "tier-limit", 429, "Tier Limit Reached"},
    ProblemKind{Errc::driver_error, "driver-error", 502, "Driver Error"},
    ProblemKind{Errc::driver_not_integrated, "driver-not-integrated", 503, "Driver Not Integrated"},
    ProblemKind{Errc::feature_unavailable, "feature-unavailable", 503, "Feature Unavailable"},
    ProblemKind{Errc::session_timeout, "session-timeout", 504, "Session Timeout"},
};

/// The catalogue row of a code; codes without a row of their own are `internal`.
constexpr const ProblemKind& problem_kind(Errc code) noexcept {
  for (const auto& kind : kProblemCatalogue)
    if (kind.code == code) return kind;
  return kProblemCatalogue[0];
}

}  // namespace v1
}  // namespace driftstack
