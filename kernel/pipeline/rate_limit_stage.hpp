#pragma once
// Drawing on rate-limit buckets and telling the client about it (platform.md 5).

#include <string>
#include <string_view>

#include "driftstack/result.hpp"
#include "driftstack/roles/rate_limiter.hpp"
#include "kernel/pipeline/exchange.hpp"

namespace driftstack::kernel {

class RateLimitStage {
 public:
  /// `limiter` may be null (no limiter chosen): nothing is limited and no headers are sent.
  explicit RateLimitStage(RateLimiter* limiter) : limiter_(limiter) {}

  /// The bucket of the calling account. Adds the seven headers whatever the outcome; Errc::rate_limited when empty.
  AsyncResult<> draw_actor(Exchange& exchange, const Principal& caller, const std::string& bucket);
  /// The owner's bucket of a team request; a denial takes the actor's headers away again.
  AsyncResult<> draw_owner(Exchange& exchange, const Principal& caller, const std::string& bucket);
  /// The bucket of a client address, generic denial.
  AsyncResult<> draw_address(Exchange& exchange, const Uuid& address_key, const std::string& bucket);

 private:
  AsyncResult<RateDecision> take(const Call& call, RateSubject subject, const std::string& bucket);
  RateLimiter* limiter_;
};

}  // namespace driftstack::kernel
