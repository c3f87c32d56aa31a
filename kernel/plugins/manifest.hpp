#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/abi.hpp"
#include "kernel/config/finding.hpp"
#include "kernel/config/schema.hpp"

namespace driftstack::kernel {

/// An interface as a manifest spells it: "database/1".
struct InterfaceName {
  std::string name;
  std::uint16_t revision = 0;

  std::string text() const { return name + "/" + std::to_string(revision); }
  InterfaceId id() const { return InterfaceId{name, revision}; }
  friend bool operator==(const InterfaceName&, const InterfaceName&) = default;
};

/// "name/revision", where the name is dotted lower case.
std::optional<InterfaceName> parse_interface(std::string_view text);

/// Who outside the machine gets data through this plugin.
struct Processor {
  std::string legal_name;
  std::string purpose;
  std::vector<std::string> data_categories;
  std::vector<std::string> regions;
  /// Link to the data processing agreement; may be empty.
  std::string dpa_url;
};

/// What `plugin.toml` says. Everything that tools and operators need, readable without running the library.
struct Manifest {
  /// The name in `[plugins.<id>]`; the library is `lib<id>.so`.
  std::string id;
  std::string version;
  std::string description;
  std::uint16_t sdk_major = 0;
  std::uint16_t sdk_minor = 0;
  /// Lower-case hex; empty when the manifest does not say.
  std::string sha256;
  std::vector<InterfaceName> provides;
  /// Interfaces without which the plugin cannot work.
  std::vector<InterfaceName> required_interfaces;
  /// Interfaces that it uses when some plugin provides them.
  std::vector<InterfaceName> optional_interfaces;
  std::optional<Processor> processor;
  /// Hosts that the plugin may call.
  std::vector<std::string> egress_hosts;
  Schema settings;

  bool provides_interface(const InterfaceName& wanted) const;
};

/// Parses a manifest; `name` is the source of every finding. An unknown key is a finding.
Checked<Manifest> parse_manifest(std::string_view text, const std::string& name);

/// The description of a manifest's own keys, for `plugin new` and for documentation.
const Schema& manifest_schema();

/// True for 64 hex digits.
bool is_sha256(std::string_view text);

}  // namespace driftstack::kernel
