#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/config/finding.hpp"
#include "kernel/config/node.hpp"

namespace driftstack::kernel {

enum class SettingType {
  boolean,
  integer,
  number,    // an integer or a number with a fraction
  duration,  // "250ms", "5m", "24h"
  bytes,     // "64MiB"
  string,
  choice,         // a string, one of `choices`
  host_port,      // "127.0.0.1:8080"
  url,            // scheme://authority...
  path,           // relative paths start at the folder of the file that names them
  address_range,  // "10.0.0.0/8"
  list,           // of `item`, which is one of the textual types above
  table,          // of `children`
  table_map,      // names chosen by the operator, each a table of `children`
};

/// When a changed value takes effect.
enum class Applies { start, reload };

/// A bound in the base unit of its type: a count, milliseconds, bytes; for strings and lists their length.
struct Bound {
  std::int64_t integer = 0;
  double number = 0.0;
  /// As written, for findings.
  std::string text;
};

/// One described key.
struct Setting {
  std::string name;
  SettingType type = SettingType::string;
  SettingType item = SettingType::string;
  /// One or two sentences for the operator.
  std::string doc;
  bool required = false;
  /// The value is a reference to a secret, never the secret.
  bool secret = false;
  /// Tables only: keys that `children` does not name are left alone.
  bool open = false;
  Applies applies = Applies::start;
  std::optional<ConfigNode> default_value;
  std::optional<Bound> minimum;
  std::optional<Bound> maximum;
  std::vector<std::string> choices;
  std::vector<Setting> children;
};

using Schema = std::vector<Setting>;

const Setting* find_setting(const Schema& schema, std::string_view name);

/// "duration", "list of host:port", "map of table", ... the spelling of `type` in a settings description.
std::string type_name(const Setting& setting);

/// The type and its item type by that spelling; false when there is no such type.
bool set_type(std::string_view spelling, Setting& setting);

/// Every spelling that `set_type` takes.
std::vector<std::string> type_names();

}  // namespace driftstack::kernel
