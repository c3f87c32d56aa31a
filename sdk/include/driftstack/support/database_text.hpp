/// What every engine of the Database role says alike about statements and their parameters.
///
/// Thread: [any-thread].
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/support/utf8.hpp"

namespace driftstack::db {

/// The beginning of a statement, for errors. SQL is a constant, so it shows nothing of a customer.
inline std::string statement_label(std::string_view sql) {
  constexpr std::size_t kShown = 60;  // enough to find the constant in a source file
  std::string label = "statement \"";
  label += sql.substr(0, kShown);
  if (sql.size() > kShown) label += "...";
  return label += '"';
}

/// Errc::misuse unless there are `wanted` parameters and every text among them is UTF-8 without U+0000: PostgreSQL stores nothing else,
/// and data must be able to move there.
inline Result<> check_values(std::string_view sql, const Values& values, std::size_t wanted) {
  if (values.size() != wanted) {
    return Error(Errc::misuse,
                 statement_label(sql) + " has " + std::to_string(wanted) + " parameters, got " + std::to_string(values.size()));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Value& value = values[i];
    if (value.type() != Type::text || value.is_null()) continue;
    const std::string_view text = value.bytes();
    if (text.find('\0') == std::string_view::npos && is_valid_utf8(text)) continue;
    return Error(Errc::misuse, statement_label(sql) + ": parameter $" + std::to_string(i + 1) + " is not UTF-8 text without U+0000");
  }
  return Done();
}

/// Errc::misuse if a parameter has another type than when the statement first ran: one C++ type per parameter, for ever.
inline Result<> check_types(std::string_view sql, const Values& values, std::span<const Type> types) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].type() == types[i]) continue;
    return Error(Errc::misuse, statement_label(sql) + ": parameter $" + std::to_string(i + 1) + " had another type before");
  }
  return Done();
}

}  // namespace driftstack::db
