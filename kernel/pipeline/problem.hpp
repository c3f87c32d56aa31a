#pragma once
// The one place that turns an Error into the problem answer of the wire (RFC 9457).

#include <string_view>

#include "driftstack/http.hpp"
#include "driftstack/result.hpp"

namespace driftstack::kernel {

/// Fills a Response with the problem of an error. What is `internal` on the wire shows no detail but the request id.
Response problem_response(const Error& error, std::string_view request_id);

/// True when an error of this code hides its detail from the client; the caller logs it instead.
bool hides_detail(Errc code) noexcept;

}  // namespace driftstack::kernel
