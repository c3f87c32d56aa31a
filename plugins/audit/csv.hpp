#pragma once
// CSV (RFC 4180) that a spreadsheet cannot take for formulas.

#include <string>
#include <string_view>

#include "wire.hpp"

namespace driftstack::audit {

/// `timestamp,action,...` with its line end. platform.md 11.4.
std::string_view csv_header() noexcept;
/// One entry as a line with its line end.
void append_csv(std::string& out, const EntryView& entry);
/// One cell. Quoted when it holds a comma, a quote or a line end. A text that a spreadsheet would run as a formula (it starts with `=`,
/// `+`,
/// `-`, `@`, tab or carriage return) gets an apostrophe in front.
void append_csv_cell(std::string& out, std::string_view text);

}  // namespace driftstack::audit
