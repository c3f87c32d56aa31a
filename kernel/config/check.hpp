#pragma once

#include <string_view>
#include <vector>

#include "kernel/config/finding.hpp"
#include "kernel/config/node.hpp"
#include "kernel/config/schema.hpp"
#include "kernel/config/settings.hpp"

namespace driftstack::kernel {

struct CheckResult {
  /// Complete when there is no finding. A wrong value is replaced by its default, if it has one, so that further checks can run.
  CheckedSettings settings;
  /// All of them, sorted by place.
  std::vector<Finding> findings;

  bool ok() const { return findings.empty(); }
};

/// Checks a table against its description: unknown key, wrong type, bad unit, out of bounds, missing key. `parent` is the dotted key of the
/// table, empty for the root. A wrong value is reported where the value stands, an unknown key where the key stands, a missing key where
/// its table begins.
CheckResult check(const ConfigNode& table, const Schema& schema, std::string_view parent = "");

}  // namespace driftstack::kernel
