#include "kernel/pipeline/rate_limit_stage.hpp"

#include <charconv>

namespace driftstack::kernel {
namespace {

void append_number_header(std::string& head, std::string_view name, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  head.append(name).append(digits, end).append("\r\n");
}

void append_rate_headers(std::string& head, std::string_view bucket, const RateDecision& decision) {
  head.append("x-ratelimit-bucket: ").append(bucket).append("\r\n");
  append_number_header(head, "x-ratelimit-limit: ", decision.capacity);
  append_number_header(head, "x-ratelimit-remaining: ", decision.remaining);
  append_number_header(head, "x-ratelimit-reset: ", decision.reset_unix_seconds);
  append_number_header(head, "ratelimit-limit: ", decision.capacity);
  append_number_header(head, "ratelimit-remaining: ", decision.remaining);
  append_number_header(head, "ratelimit-reset: ", decision.reset_after_seconds);
}

Error generic_denial(const RateDecision& decision) {
  return Error(Errc::rate_limited, "Too many requests. Try again later.").with_retry_after(decision.retry_after_seconds);
}

}  // namespace

AsyncResult<RateDecision> RateLimitStage::take(const Call& call, RateSubject subject, const std::string& bucket) {
  if (auto decision = limiter_->take_now(subject, bucket, 1)) co_return *decision;
  std::string name = bucket;
  co_return co_await limiter_->take(call, subject, std::move(name), 1);
}

AsyncResult<> RateLimitStage::draw_actor(Exchange& exchange, const Principal& caller, const std::string& bucket) {
  if (!limiter_) co_return Done();
  auto decision = co_await take(*exchange.call, RateSubject::account(caller.account, caller.tier), bucket);
  if (!decision) co_return std::move(decision).error();
  append_rate_headers(exchange.head, bucket, *decision);
  if (decision->allowed) co_return Done();
  co_return Error(Errc::rate_limited, "Bucket \"" + bucket + "\" is empty for tier \"" + std::string(caller.tier.view()) + "\".")
      .with_retry_after(decision->retry_after_seconds);
}

AsyncResult<> RateLimitStage::draw_owner(Exchange& exchange, const Principal& caller, const std::string& bucket) {
  if (!limiter_) co_return Done();
  auto decision = co_await take(*exchange.call, RateSubject::account(caller.effective_account, caller.effective_tier), bucket);
  if (!decision) co_return std::move(decision).error();
  if (decision->allowed) co_return Done();
  exchange.head.clear();
  co_return generic_denial(*decision);
}

AsyncResult<> RateLimitStage::draw_address(Exchange& exchange, const Uuid& address_key, const std::string& bucket) {
  if (!limiter_ || bucket == "none") co_return Done();
  auto decision = co_await take(*exchange.call, RateSubject::address(address_key), bucket);
  if (!decision) co_return std::move(decision).error();
  if (decision->allowed) co_return Done();
  co_return generic_denial(*decision);
}

}  // namespace driftstack::kernel
