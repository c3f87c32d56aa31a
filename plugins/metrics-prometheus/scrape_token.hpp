#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "driftstack/http.hpp"
#include "driftstack/result.hpp"

namespace driftstack::metrics_prometheus {

/// The operator's token. It neither prints nor compares with `==`, and wipes its memory.
class ScrapeToken {
 public:
  /// An empty text means that no token is configured.
  explicit ScrapeToken(std::string text) : text_(std::move(text)) {}
  ~ScrapeToken();
  ScrapeToken(const ScrapeToken&) = delete;
  ScrapeToken& operator=(const ScrapeToken&) = delete;

  bool is_configured() const noexcept { return !text_.empty(); }
  /// Errc::feature_unavailable without a configured token, Errc::unauthorized for a missing or wrong one. The time that it takes depends on
  /// the length of what was sent and on nothing else.
  Result<> check(const Request& request) const;

 private:
  bool matches(std::string_view sent) const noexcept;
  std::string text_;
};

}  // namespace driftstack::metrics_prometheus
