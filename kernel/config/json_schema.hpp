#pragma once

#include <string>

#include "kernel/config/schema.hpp"

namespace driftstack::kernel {

/// The description as JSON Schema (draft 2020-12), for editors and for `config schema`. Bounds of durations and sizes cannot be said in
/// JSON Schema; they stand in the description text.
std::string json_schema(const Schema& schema);

}  // namespace driftstack::kernel
