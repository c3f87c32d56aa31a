#pragma once
// The defaults that a plugin's manifest declares, so that a test starts from what an operator gets.

#include <string>

#include "driftstack/testing/map_settings.hpp"

namespace driftstack::testing {

/// Reads the `[settings]` of a `plugin.toml`: each `default`, durations and byte counts in their units, tables with the defaults inside
/// them. A setting without a default is absent; bounds are the server's business. Throws std::runtime_error when the file does not parse.
MapSettings manifest_defaults(const std::string& manifest_path);

}  // namespace driftstack::testing
