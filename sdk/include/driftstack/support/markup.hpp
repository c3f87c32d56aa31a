/// Text inside of HTML and XML: in an element or in a quoted attribute.
///
/// `& < > " '` become character references (HTML 13.5 and XML 1.0 2.4 both know all five; the apostrophe as a number, which HTML 4 knows
/// too). Not for script, style, URLs or unquoted attributes. Thread: [any-thread].
#pragma once

#include <string>
#include <string_view>

namespace driftstack {

void append_markup(std::string& out, std::string_view text);
[[nodiscard]] std::string markup_escaped(std::string_view text);

}  // namespace driftstack
