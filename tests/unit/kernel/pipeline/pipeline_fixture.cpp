#include "pipeline_fixture.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "kernel/pipeline/header_name.hpp"

namespace driftstack::kernel::test {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::optional<Method> method_of(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(Method::options); ++i)
    if (method_name(static_cast<Method>(i)) == text) return static_cast<Method>(i);
  return std::nullopt;
}

/// A body that has arrived already.
class WholeBody final : public BodyReader {
 public:
  explicit WholeBody(const std::optional<std::string>& text) : text_(text) {}
  bool present() const noexcept override { return text_.has_value(); }
  std::optional<std::uint64_t> announced_length() const noexcept override {
    return text_ ? std::optional<std::uint64_t>(text_->size()) : std::nullopt;
  }
  AsyncResult<std::string_view> read(std::size_t limit) override {
    was_read = true;
    if (text_->size() > limit) co_return Error(Errc::payload_too_large, "The body is too large.");
    co_return std::string_view(*text_);
  }
  bool was_read = false;

 private:
  const std::optional<std::string>& text_;
};

/// An exchange as the connection fills it.
struct Prepared {
  Prepared(const Sent& sent, IoThread thread, testing::ManualClock& clock) : body(sent.body) {
    for (const auto& [name, value] : sent.headers) views.push_back(HeaderView{name, value});
    exchange.method_text = sent.method;
    exchange.method = method_of(sent.method);
    exchange.target = sent.target;
    exchange.headers = views;
    exchange.host = sent.host;
    exchange.peer.bytes = parse_address(sent.peer).value();
    exchange.io_thread = thread;
    exchange.body = &body;
    exchange.started = clock.steady();
  }
  WholeBody body;
  std::vector<HeaderView> views;
  Exchange exchange;
};

Received received(const Prepared& prepared) {
  const Exchange& exchange = prepared.exchange;
  Received answer;
  answer.status = exchange.response.status;
  answer.body = exchange.response.body;
  answer.close = exchange.close;
  answer.head_only = exchange.head_only;
  answer.body_was_read = prepared.body.was_read;
  std::string_view head = exchange.head;
  while (!head.empty()) {
    const auto end = head.find("\r\n"), colon = head.find(": ");
    // No REQUIRE: some tests send from several threads, and Catch's macros are for one.
    if (end == std::string_view::npos || colon >= end) throw std::logic_error("the answer's head is malformed");
    answer.headers.emplace(lower(head.substr(0, colon)), head.substr(colon + 2, end - colon - 2));
    head.remove_prefix(end + 2);
  }
  return answer;
}

std::string text_member(const std::string& body, std::string_view name) {
  const auto json = wire::Json::parse(body);
  REQUIRE(json);
  const auto member = json->view().find(name);
  REQUIRE(member);
  return member->as_text().value();
}

}  // namespace

// ---------------------------------------------------------------- limiter and handler

std::optional<RateDecision> SubjectLimiter::take_now(const RateSubject& subject, std::string_view bucket, std::int64_t) noexcept {
  if (!from_memory_) return std::nullopt;
  return draw(subject, bucket);
}

AsyncResult<RateDecision> SubjectLimiter::take(const Call&, RateSubject subject, std::string bucket, std::int64_t) {
  co_return draw(subject, bucket);
}

AsyncResult<std::vector<BucketLimits>> SubjectLimiter::limits(const Call&, RateSubject) { co_return std::vector<BucketLimits>(); }

RateDecision SubjectLimiter::draw(const RateSubject& subject, std::string_view bucket) {
  draws.emplace_back(subject.id(), bucket);
  RateDecision decision;
  decision.allowed = !closed_.contains({subject.id(), std::string(bucket)});
  decision.capacity = kCapacity;
  decision.remaining = decision.allowed ? kRemaining : 0;
  decision.reset_unix_seconds = kResetUnix;
  decision.reset_after_seconds = kResetAfter;
  if (!decision.allowed) decision.retry_after_seconds = kRetryAfter;
  return decision;
}

AsyncResult<Response> RecordingHandler::handle(const Call& call, const Request& request) {
  const int number = ++calls;
  method = request.method;
  path = request.path;
  query = request.query;
  body = request.body;
  client = call.client_address();
  deadline = call.deadline();
  keyed = request.idempotency != nullptr;
  headers.clear();
  for (const auto& header : request.headers) headers.emplace_back(header.name, header.value);
  parameters.clear();
  for (const auto& parameter : request.parameters) parameters.emplace_back(parameter.name, parameter.value);
  principal = call.principal() ? std::optional(*call.principal()) : std::nullopt;
  if (work) co_await work(call, request);
  if (answer) co_return answer();
  co_return Response(200, "{\"n\":" + std::to_string(number) + "}");
}

// ---------------------------------------------------------------- request and answer

Sent& Sent::set(const std::string& name, std::string value) {
  std::erase_if(headers, [&](const auto& header) { return lower(header.first) == lower(name); });
  return with(name, std::move(value));
}

std::string Received::header(std::string_view name) const {
  const auto found = headers.equal_range(std::string(name));
  if (found.first == found.second) return {};
  REQUIRE(std::distance(found.first, found.second) == 1);
  return found.first->second;
}

std::string Received::slug() const { return text_member(body, "type").substr(std::string_view("https://errors.driftstack.dev/").size()); }
std::string Received::detail() const { return text_member(body, "detail"); }

// ---------------------------------------------------------------- fixture

void PipelineFixture::mount(Route route) {
  REQUIRE_FALSE(pipeline_);
  mounted_.push_back(std::make_unique<Route>(std::move(route)));
  const auto mounted = routes_.mount("test", *mounted_.back());
  if (!mounted) FAIL(mounted.error().detail);
}

Principal PipelineFixture::caller(std::string token, std::uint8_t number, ScopeSet scopes) {
  const auto principal = testing::test_principal(number, scopes, "api_starter");
  authenticator.add(std::move(token), principal);
  return principal;
}

Pipeline& PipelineFixture::pipeline() {
  if (!pipeline_) {
    PipelineParts parts;
    parts.routes = &routes_;
    parts.authenticator = without_authenticator ? nullptr : &authenticator;
    parts.rate_limiter = without_limiter ? nullptr : &limiter;
    parts.idempotency = store_;
    parts.log = &host_.log();
    parts.metrics = &host_.metrics();
    parts.clock = &host_.clock();
    parts.secrets = &host_.secrets();
    options.io_threads = host_.scheduler().io_threads();
    pipeline_ = std::make_unique<Pipeline>(options, parts);
  }
  return *pipeline_;
}

Received PipelineFixture::send(const Sent& request, IoThread thread) {
  auto& pipeline = this->pipeline();
  Prepared prepared(request, thread, host_.clock());
  testing::run(host_, pipeline.run(prepared.exchange), thread);
  pipeline.finished(prepared.exchange, prepared.exchange.response.body.size());
  return received(prepared);
}

Received PipelineFixture::refuse(const Sent& request, const Error& error) {
  auto& pipeline = this->pipeline();
  Prepared prepared(request, 0, host_.clock());
  testing::call_on_io(host_, [&] {
    pipeline.refuse(prepared.exchange, error);
    return true;
  });
  return received(prepared);
}

Uuid address_key(std::string_view address) { return limiter_key(parse_address(address).value()); }

}  // namespace driftstack::kernel::test
