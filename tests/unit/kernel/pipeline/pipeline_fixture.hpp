#pragma once
// A pipeline with fakes around it, and requests as a connection would hand them over.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/roles/rate_limiter.hpp"
#include "driftstack/support/json.hpp"
#include "driftstack/testing/fake_host.hpp"
#include "driftstack/testing/fixed_authenticator.hpp"
#include "kernel/pipeline/pipeline.hpp"

namespace driftstack::kernel::test {

/// Remembers every draw, and denies those that the test closed: a bucket of one subject, which the general fake cannot tell apart.
class SubjectLimiter final : public RateLimiter {
 public:
  static constexpr std::int64_t kCapacity = 240, kRemaining = 239, kResetUnix = 1'767'225'660, kResetAfter = 60, kRetryAfter = 7;
  using Draw = std::pair<Uuid, std::string>;

  void close(const Uuid& subject, std::string bucket) { closed_.emplace(subject, std::move(bucket)); }
  /// Makes `take_now` answer nothing, as a limiter with a shared store does.
  void ask_store() { from_memory_ = false; }
  std::vector<Draw> draws;

  bool knows(std::string_view) const noexcept override { return true; }
  std::optional<RateDecision> take_now(const RateSubject& subject, std::string_view bucket, std::int64_t cost) noexcept override;
  AsyncResult<RateDecision> take(const Call& call, RateSubject subject, std::string bucket, std::int64_t cost) override;
  AsyncResult<std::vector<BucketLimits>> limits(const Call& call, RateSubject account) override;

 private:
  RateDecision draw(const RateSubject& subject, std::string_view bucket);
  std::set<Draw> closed_;
  bool from_memory_ = true;
};

/// What a handler saw, copied; and what it answers.
class RecordingHandler final : public RouteHandler {
 public:
  AsyncResult<Response> handle(const Call& call, const Request& request) override;

  /// What it answers; by default 200 `{"n":<number of this call>}`.
  std::function<Result<Response>()> answer;
  /// Runs inside of the handler, before it answers.
  std::function<Task<>(const Call& call, const Request& request)> work;

  int calls = 0;
  Method method = Method::get;
  std::string path, query, body, client;
  std::vector<std::pair<std::string, std::string>> headers, parameters;
  std::optional<Principal> principal;
  std::chrono::steady_clock::time_point deadline;
  bool keyed = false;
};

/// One request. Texts are kept alive while it is carried through.
struct Sent {
  explicit Sent(std::string method = "GET", std::string target = "/v1/things") : method(std::move(method)), target(std::move(target)) {}
  Sent& with(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  /// Replaces all headers of that name.
  Sent& set(const std::string& name, std::string value);
  Sent& token(const std::string& token) { return set("Authorization", "Bearer " + token); }
  Sent& json(std::string text) {
    body = std::move(text);
    return set("Content-Type", "application/json");
  }

  std::string method, target;
  std::string host = "driftstack.test";
  std::string peer = "192.0.2.7";
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> body;
};

/// One answer.
struct Received {
  /// Value of the only header of that name; empty when there is none; fails the test when there are two.
  std::string header(std::string_view lower) const;
  bool has(std::string_view lower) const { return headers.contains(std::string(lower)); }
  /// The problem's slug and detail.
  std::string slug() const;
  std::string detail() const;

  int status = 0;
  std::multimap<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  bool close = false, head_only = false;
  bool body_was_read = false;
};

class PipelineFixture {
 public:
  /// `store` may be null: keys are ignored then.
  explicit PipelineFixture(testing::FakeHost& host, IdempotencyStore* store = nullptr) : host_(host), store_(store) {}

  PipelineOptions options;
  SubjectLimiter limiter;
  testing::FixedAuthenticator authenticator;
  RecordingHandler handler;
  bool without_limiter = false, without_authenticator = false;

  /// Mounts a route; the first request makes the pipeline, so all routes come before it.
  void mount(Route route);
  /// Adds a token of account `number`.
  Principal caller(std::string token, std::uint8_t number, ScopeSet scopes = ScopeSet());
  Received send(const Sent& request, IoThread thread = 0);
  /// What the connection refuses by itself.
  Received refuse(const Sent& request, const Error& error);
  Pipeline& pipeline();

 private:
  testing::FakeHost& host_;
  IdempotencyStore* store_;
  std::vector<std::unique_ptr<Route>> mounted_;
  RouteTable routes_{[](std::string_view) { return true; }};
  std::unique_ptr<Pipeline> pipeline_;
};

/// The limiter's key of an address.
Uuid address_key(std::string_view address);

}  // namespace driftstack::kernel::test
