#pragma once

#include <sys/types.h>

#include <filesystem>
#include <vector>

#include "kernel/config/document.hpp"
#include "kernel/config/schema.hpp"
#include "kernel/config/secret_reference.hpp"
#include "kernel/config/settings.hpp"
#include "kernel/plugins/package.hpp"
#include "kernel/plugins/pins.hpp"
#include "kernel/plugins/selection.hpp"

namespace driftstack::kernel {

/// Everything that the files say, read and checked together.
struct ServerConfiguration {
  Document document;
  /// Of the server and of every installed plugin.
  Schema schema;
  CheckedSettings settings;
  std::filesystem::path plugins_dir;
  /// Every installed plugin, wanted or not.
  std::vector<Package> packages;
  Selection selection;
  Pins pins;
};

struct ConfigurationInput {
  DocumentSources sources;
  /// Where plugins are when the configuration has no plugins_dir. Absolute.
  std::filesystem::path default_plugins_dir;
  /// Where secrets come from, and the user who may own files beside root.
  SecretSources secrets;
};

struct ConfigurationResult {
  /// As complete as the findings allow: `schema` and `packages` are there even when a value is wrong.
  ServerConfiguration configuration;
  /// All of them, sorted by place. Each one is a reason not to start (exit code 3).
  std::vector<Finding> findings;

  bool ok() const { return findings.empty(); }
};

/// Reads the files and overrides, finds the installed plugins, checks every setting against its description, selects the plugins of the
/// roles and tries every secret of what will run. Loads no library. [main-thread]
ConfigurationResult read_configuration(const ConfigurationInput& input);

}  // namespace driftstack::kernel
