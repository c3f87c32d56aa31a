#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftstack::kernel {

/// Where something in the configuration was written. A default has an empty source.
struct Origin {
  /// Path of the file as the operator named it, "--set", or empty.
  std::string source;
  /// Counted from 1; 0 means that there is no line, as with "--set".
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  bool in_file() const { return line != 0; }
  /// "config/driftstack.toml:12:5", "config/driftstack.toml", "--set" or "default".
  std::string text() const;
};

/// One thing that is wrong with the configuration. `line()` is what the operator reads.
struct Finding {
  Origin origin;
  /// Dotted key, "plugins.sessions.max_wait". Empty when the whole file is meant.
  std::string key;
  /// What is wrong and what to write instead, on one line.
  std::string message;

  /// "config/driftstack.toml:12:5: plugins.sessions.max_wait: <message>".
  std::string line() const;
};

/// Sorts by source (in the order of first appearance), then line, then column, then key.
void sort_by_place(std::vector<Finding>& findings);

/// A value, or the findings that say why there is none. Never both absent.
template <typename T>
struct Checked {
  std::optional<T> value;
  std::vector<Finding> findings;

  bool ok() const { return value.has_value() && findings.empty(); }
};

/// The text as a quoted TOML string on one line; long text is cut, control characters are escaped.
std::string in_quotes(std::string_view text);

/// The same without the cut: a TOML string that reads back as `text`.
std::string in_quotes_whole(std::string_view text);

/// `parent` + "." + `name`; a name that is not a bare TOML key is quoted. An empty parent adds no dot.
std::string join_key(std::string_view parent, std::string_view name);

}  // namespace driftstack::kernel
