#pragma once
// Outbound HTTP whose other side is the test.

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"

namespace driftstack::testing {

/// Answers calls from a script, in order, and remembers them. A call that the script does not expect answers Errc::unreachable.
/// [any-thread]
class ScriptedOutboundHttp final : public OutboundHttp {
 public:
  /// The next call to this method and URL is answered so; the URL is compared whole.
  void answer(std::string_view method, std::string_view url, OutboundResponse response);
  void answer(std::string_view method, std::string_view url, Error error);

  AsyncResult<OutboundResponse> send(const Call& call, OutboundRequest request) override;

  /// Every call so far.
  std::vector<OutboundRequest> requests() const;
  /// Answers that nobody asked for yet.
  std::size_t unused_answers() const;

 private:
  struct Step {
    Step(std::string_view method, std::string_view url, Result<OutboundResponse> result)
        : method(method), url(url), result(std::move(result)) {}
    std::string method, url;
    Result<OutboundResponse> result;
  };
  Result<OutboundResponse> next(const Call& call, const OutboundRequest& request);

  mutable std::mutex mutex_;
  std::vector<Step> steps_;
  std::vector<OutboundRequest> requests_;
};

}  // namespace driftstack::testing
