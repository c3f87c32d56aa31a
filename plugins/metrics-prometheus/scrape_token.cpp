#include "scrape_token.hpp"

#include <string.h>  // explicit_bzero

namespace driftstack::metrics_prometheus {

namespace {

/// The scheme is compared without case (RFC 9110 section 11.1).
bool is_bearer(std::string_view scheme) {
  constexpr std::string_view kBearer = "bearer";
  if (scheme.size() != kBearer.size()) return false;
  for (std::size_t i = 0; i < scheme.size(); ++i)
    if ((scheme[i] | 0x20) != kBearer[i]) return false;
  return true;
}

std::string_view bearer_token(std::string_view authorization) {
  const auto space = authorization.find(' ');
  if (space == std::string_view::npos || !is_bearer(authorization.substr(0, space))) return {};
  const auto start = authorization.find_first_not_of(' ', space);
  return start == std::string_view::npos ? std::string_view() : authorization.substr(start);
}

}  // namespace

ScrapeToken::~ScrapeToken() { explicit_bzero(text_.data(), text_.size()); }

Result<> ScrapeToken::check(const Request& request) const {
  if (text_.empty()) return Error(Errc::feature_unavailable, "No scrape token is configured for GET /metrics.");
  if (!matches(bearer_token(request.header("authorization")))) return Error(Errc::unauthorized, "The scrape token is missing or wrong.");
  return Done();
}

bool ScrapeToken::matches(std::string_view sent) const noexcept {
  volatile unsigned difference = sent.size() == text_.size() ? 0 : 1;  // volatile: the loop must not end early
  for (std::size_t i = 0; i < sent.size(); ++i)
    difference = difference | (static_cast<unsigned char>(sent[i]) ^ static_cast<unsigned char>(text_[i % text_.size()]));
  return difference == 0;
}

}  // namespace driftstack::metrics_prometheus
