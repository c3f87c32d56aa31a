#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/config/finding.hpp"

namespace driftstack::kernel {

/// One value of a configuration, as written and not yet checked, with its place.
/// Plain data, so that no type of the TOML library leaves document.cpp.
struct ConfigNode {
  enum class Kind { boolean, integer, number, string, date_or_time, list, table };

  Kind kind = Kind::table;
  bool boolean = false;
  std::int64_t integer = 0;
  double number = 0.0;
  /// Content of a string; for a date or time its TOML text.
  std::string text;
  std::vector<ConfigNode> items;
  std::map<std::string, ConfigNode, std::less<>> entries;
  /// Written as `{ ... }`. Such a table is one value: it replaces what an earlier file wrote.
  bool inline_table = false;
  /// Where the value stands.
  Origin origin;
  /// Where its key stands; for list items and the root the same as `origin`.
  Origin key_origin;

  const ConfigNode* find(std::string_view name) const;
  /// "a string", "an integer", ... for use in a finding.
  std::string_view kind_name() const;
  /// The value in TOML, on one line.
  std::string to_toml() const;
};

}  // namespace driftstack::kernel
