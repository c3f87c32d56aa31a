#pragma once

#include <string_view>

#include "kernel/config/finding.hpp"
#include "kernel/config/node.hpp"
#include "kernel/config/schema.hpp"

namespace driftstack::kernel {

/// Reads a description of settings. The kernel's own settings and the `[settings]` of every plugin are written in this language:
///
///   [settings.max_wait]
///   type = "duration"        # see `type_names`
///   doc = "Longest wait that a caller may ask for."
///   default = "30s"          # checked against all that follows
///   minimum = "1s"           # integer, number, duration, bytes; for string and list the length
///   maximum = "2m"
///   applies = "reload"       # or "start", which is the default
///
/// Also: `required = true` (then no default), `secret = true` (the value is a secret reference), `choices = [...]` for "enum" and
/// "list of enum", and `[settings.<name>.settings.<child>]` for "table" and "map of table". `parent` is the dotted key of `table`.
Checked<Schema> read_schema(const ConfigNode& table, std::string_view parent);

}  // namespace driftstack::kernel
