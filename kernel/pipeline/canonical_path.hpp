#pragma once
// The one place where a request target becomes a path: canonical or refused, before any route or policy sees it.

#include <optional>
#include <string>
#include <string_view>

#include "driftstack/result.hpp"

namespace driftstack::kernel {

struct CanonicalTarget {
  std::string_view path;   ///< starts with `/`, percent-encoded only where needed
  std::string_view query;  ///< without `?`
};

/// Splits and checks an origin-form target. Refused (bad_request): no leading slash, empty inner segments, dot segments, control
/// characters, backslash, `#`, broken percent-encoding, percent-encoding of a character that needs none (so that one resource has one
/// spelling), and encoded controls. `%2F` is data of its segment.
Result<CanonicalTarget> canonical_target(std::string_view target);

/// Decodes one canonical segment into `out` and answers the decoded view's offset and length as appended text; false when it is no UTF-8.
bool decode_segment(std::string_view segment, std::string& out);

}  // namespace driftstack::kernel
