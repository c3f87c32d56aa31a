#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/config/finding.hpp"
#include "kernel/config/node.hpp"

namespace driftstack::kernel {

/// What the operator gave us to read.
struct DocumentSources {
  /// The main file. Files `conf.d/*.toml` beside it are read after it, in the order of their names.
  std::optional<std::filesystem::path> file;
  /// Each is KEY=VALUE: a dotted TOML key and a TOML value, as after `--set`. Read last, in order.
  std::vector<std::string> overrides;
};

/// The merged view of all sources. Every node knows where it was written.
struct Document {
  ConfigNode root;
  /// The files that were read, in the order in which they were merged.
  std::vector<std::string> files;
};

/// Reads and merges. Where two sources set one key the later one wins; tables merge key by key, a list and an inline
/// table replace what was there.
/// All findings of all sources are collected: unreadable file, file that every user may write, broken TOML, broken override. [main-thread]
Checked<Document> load_document(const DocumentSources& sources);

/// Parses one TOML text, for manifests and for settings that stand in our own sources. `name` is the source of every origin.
Checked<ConfigNode> parse_toml(std::string_view text, const std::string& name);

/// The content of a regular file of at most 1 MiB, or a finding.
Checked<std::string> read_config_file(const std::filesystem::path& file);

}  // namespace driftstack::kernel
