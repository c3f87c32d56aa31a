#include "driftstack/testing/scripted_outbound_http.hpp"

#include <algorithm>
#include <utility>

namespace driftstack::testing {

void ScriptedOutboundHttp::answer(std::string_view method, std::string_view url, OutboundResponse response) {
  const std::lock_guard lock(mutex_);
  steps_.emplace_back(method, url, std::move(response));
}

void ScriptedOutboundHttp::answer(std::string_view method, std::string_view url, Error error) {
  const std::lock_guard lock(mutex_);
  steps_.emplace_back(method, url, std::move(error));
}

AsyncResult<OutboundResponse> ScriptedOutboundHttp::send(const Call& call, OutboundRequest request) { co_return next(call, request); }

Result<OutboundResponse> ScriptedOutboundHttp::next(const Call& call, const OutboundRequest& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  if (call.cancelled()) return Error(Errc::cancelled, "the caller lost interest");
  const auto step =
      std::find_if(steps_.begin(), steps_.end(), [&request](const Step& s) { return s.method == request.method && s.url == request.url; });
  if (step == steps_.end()) return Error(Errc::unreachable, "the test's script has no answer for " + request.method + " " + request.url);
  auto result = std::move(step->result);
  steps_.erase(step);
  if (result && result->body.size() > request.response_limit)
    return Error(Errc::payload_too_large, "the answer is longer than the caller's limit");
  return result;
}

std::vector<OutboundRequest> ScriptedOutboundHttp::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t ScriptedOutboundHttp::unused_answers() const {
  const std::lock_guard lock(mutex_);
  return steps_.size();
}

}  // namespace driftstack::testing
