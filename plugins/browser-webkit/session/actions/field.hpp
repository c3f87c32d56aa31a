#pragma once
// A field of a form: filled in as a person would, and looked at afterwards. What `search` and `login` have in common. [main-thread]

#include <optional>
#include <string>

#include "actions/text.hpp"

namespace driftstack::browser_webkit {

/// Whether the field took the whole text. One that stopped before, or was too slow, did not.
enum class Filled : std::uint8_t { whole, cut };

/// Whether the text can be typed into a field of one line.
bool is_one_line(const std::string& text);

/// Replaces what the field holds. Fails with timeout when the field cannot be used.
Work<Filled> fill_in(Page& page, Keyboard& keyboard, Command& command, std::string selector, std::string text);

/// Fails with bad_request for a selector that does not parse, before anything was done.
Work<> check_selector(Page& page, Command& command, std::optional<std::string> selector);

/// Asks a test of the agent until it is true or the command's part is over. The document may be replaced meanwhile.
Task<bool> turns_true(Page& page, Command& command, std::string_view test, std::string selector);

}  // namespace driftstack::browser_webkit
