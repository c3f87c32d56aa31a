#pragma once

#include <optional>
#include <string>
#include <variant>

#include "kernel/config/node.hpp"
#include "kernel/config/schema.hpp"
#include "kernel/config/settings.hpp"

namespace driftstack::kernel {

/// A value as its type reads it, or what is wrong with it and where.
struct ValueCheck {
  std::optional<SettingData> data;
  Origin origin;
  std::string problem;
};

/// Checks one value (not a table) against its description: type, syntax, unit, bounds, choices.
ValueCheck check_value(const ConfigNode& node, const Setting& setting, const std::string& key);

/// Reads a bound as written in a description; nothing when it does not fit the type.
std::optional<Bound> read_bound(const ConfigNode& node, const Setting& setting);

}  // namespace driftstack::kernel
