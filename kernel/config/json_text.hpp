#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/config/node.hpp"

namespace driftstack::kernel {

/// A JSON string with its quotes.
std::string json_string(std::string_view text);

/// A JSON array of strings.
std::string json_strings(const std::vector<std::string>& texts);

/// A configuration value in JSON; dates become strings, numbers that JSON cannot hold become null.
std::string json_value(const ConfigNode& node);

}  // namespace driftstack::kernel
