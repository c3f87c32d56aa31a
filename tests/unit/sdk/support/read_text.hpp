// Reads a body and says in one line what came of it, so that a table of bodies reads as a table.
#pragma once

#include <string>
#include <string_view>

#include "driftstack/support/query.hpp"
#include "driftstack/support/wire.hpp"

namespace samples {

inline std::string issue_lines(const driftstack::wire::Issues& issues) {
  std::string lines;
  for (const auto& issue : issues) {
    if (!lines.empty()) lines += "; ";
    lines += issue.path_text() + ": " + std::string(driftstack::wire::issue_code_text(issue.code));
  }
  return lines;
}

/// `ok`, `not_json`, or the issues as `path: code; path: code`.
template <class T>
std::string outcome_of(std::string_view body, T&& value = T()) {
  driftstack::wire::Issues issues;
  switch (driftstack::wire::read(body, value, issues)) {
    case driftstack::wire::Outcome::ok:
      return "ok";
    case driftstack::wire::Outcome::not_json:
      return "not_json";
    case driftstack::wire::Outcome::invalid:
      break;
  }
  return issue_lines(issues);
}

/// The value as it is written after reading, or the issues.
template <class T>
std::string round_trip(std::string_view body) {
  T value;
  const std::string outcome = outcome_of<T&>(body, value);
  return outcome == "ok" ? driftstack::wire::to_text(value) : outcome;
}

}  // namespace samples
