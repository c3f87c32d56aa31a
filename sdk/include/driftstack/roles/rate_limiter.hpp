#pragma once
// Role RateLimiter: token buckets per account and per client address (platform.md 5).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/principal.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {

/// Whose bucket: an account at its tier, or a client address (IPv4 as its 4 bytes, IPv6 as its /64 prefix; or a digest of another text
/// such as a key prefix). Trivially copyable.
class RateSubject {
 public:
  static RateSubject account(const Uuid& id, TierSlug tier) noexcept {
    RateSubject subject;
    subject.id_ = id;
    subject.tier_ = tier;
    subject.is_account_ = true;
    return subject;
  }
  /// 16 bytes that identify the address or text.
  static RateSubject address(const Uuid& key) noexcept {
    RateSubject subject;
    subject.id_ = key;
    return subject;
  }
  bool is_account() const noexcept { return is_account_; }
  const Uuid& id() const noexcept { return id_; }
  TierSlug tier() const noexcept { return tier_; }

 private:
  Uuid id_;
  TierSlug tier_;
  bool is_account_ = false;
};

/// Outcome of one draw on one bucket. All whole numbers, as the headers show them.
struct RateDecision {
  bool allowed = false;
  std::int64_t capacity = 0;
  std::int64_t remaining = 0;            ///< floor of the tokens after this draw
  std::int64_t reset_unix_seconds = 0;   ///< when full
  std::int64_t reset_after_seconds = 0;  ///< from now until full
  std::int64_t retry_after_seconds = 0;  ///< at least 1 on a denial
};

/// Effective numbers of one bucket of one account (GET /v1/account/rate-limits).
struct BucketLimits {
  BucketLimits(std::string bucket, std::int64_t capacity, double refill_per_second)
      : bucket(std::move(bucket)), capacity(capacity), refill_per_second(refill_per_second) {}
  std::string bucket;
  std::int64_t capacity;
  double refill_per_second;
  std::optional<std::int64_t> override_expires_at;  ///< unix microseconds; set when an override is active
};

/// Implemented by `rate-limit-memory` and `rate-limit-redis`.
class RateLimiter {
 public:
  static constexpr InterfaceId kId{"rate.limiter", 1};

  /// Is there such a bucket? A route that names another one is not mounted. [any-thread]
  virtual bool knows(std::string_view bucket) const noexcept = 0;
  /// Draws `cost` tokens from memory, or answers nothing when the store has to be asked. [any-thread]
  virtual std::optional<RateDecision> take_now(const RateSubject& subject, std::string_view bucket, std::int64_t cost) noexcept = 0;
  /// Draws from the shared store. Falls back to a bounded local bucket when the store is away; never fails. [io-thread]
  virtual AsyncResult<RateDecision> take(const Call& call, RateSubject subject, std::string bucket, std::int64_t cost) = 0;
  /// The account buckets, `global` first. [io-thread]
  virtual AsyncResult<std::vector<BucketLimits>> limits(const Call& call, RateSubject account) = 0;

 protected:
  ~RateLimiter() = default;
};

}  // namespace v1
}  // namespace driftstack
