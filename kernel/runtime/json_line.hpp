#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "driftstack/host.hpp"

namespace driftstack::kernel {

/// Appends one log event as a JSON object and a line feed: time, level, message, then the fields. Secrets are redacted, control characters
/// and invalid UTF-8 are escaped, so an event is always exactly one line.
void append_json_line(std::string& out, std::int64_t unix_micros, LogLevel level, std::string_view message,
                      std::span<const LogField> fields);

}  // namespace driftstack::kernel
