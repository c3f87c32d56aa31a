#include "kernel/config/server_schema.hpp"

#include <stdexcept>
#include <string_view>
#include <utility>

#include "kernel/config/document.hpp"
#include "kernel/config/schema_reader.hpp"

namespace driftstack::kernel {
namespace {

// The server describes its own settings in the language that manifests use, so there is one reader, one check and one documentation.
constexpr std::string_view kServer = R"toml(
[schema]
type = "integer"
doc = "Version of this file's layout. Write schema = 1."
required = true
minimum = 1
maximum = 1

[plugins_dir]
type = "path"
doc = "Folder that holds one folder per installed plugin, and plugins.lock. Absolute. Default: the one installed with the server."

[server]
type = "table"
doc = "The listener and what it accepts."

[server.settings.listen]
type = "host:port"
doc = "Address to listen on. Port 0 lets the system choose."
default = "127.0.0.1:8080"

[server.settings.public_url]
type = "url"
doc = "Base of absolute links, without a trailing slash. Default: http:// or https:// and the listening address."
applies = "reload"

[server.settings.data_dir]
type = "path"
doc = "Folder for everything that the server keeps. Made with mode 0700."
default = "var"

[server.settings.allowed_hosts]
type = "list of string"
doc = "Host header values to answer, besides the host of public_url and the listening address. Exact names, no wildcard."
default = []
applies = "reload"

[server.settings.cors_origins]
type = "list of url"
doc = "Origins that browsers may call from. Exact, scheme://host[:port]."
default = []
applies = "reload"

[server.settings.trusted_proxies]
type = "list of address range"
doc = "Addresses of the reverse proxies whose X-Forwarded-For is believed. None by default."
default = []
applies = "reload"

[server.settings.tls_certificate]
type = "path"
doc = "PEM file with the certificate and its chain. Needs tls_key."
applies = "reload"

[server.settings.tls_key]
type = "string"
secret = true
doc = "PEM text of the certificate's private key. Needs tls_certificate."
applies = "reload"

[server.settings.hsts]
type = "boolean"
doc = "Send Strict-Transport-Security. Switch off for development on plain HTTP only."
default = true
applies = "reload"

[server.settings.io_threads]
type = "integer"
doc = "Threads that serve connections; 0 means one per processor core."
default = 0
minimum = 0
maximum = 256

[server.settings.worker_threads]
type = "integer"
doc = "Threads for calls that block; 0 means two per processor core."
default = 0
minimum = 0
maximum = 1024

[server.settings.max_connections]
type = "integer"
doc = "Connections open at one time; more are closed at once."
default = 10000
minimum = 1
maximum = 1000000
applies = "reload"

[server.settings.max_connections_per_address]
type = "integer"
doc = "Connections open at one time from one address (IPv6: one /64). Trusted proxies do not count."
default = 512
minimum = 1
maximum = 1000000
applies = "reload"

[server.settings.head_timeout]
type = "duration"
doc = "Time in which a request's head must arrive, counted from its first byte."
default = "10s"
minimum = "100ms"
maximum = "5m"
applies = "reload"

[server.settings.idle_timeout]
type = "duration"
doc = "Time that a kept connection may stay without a request."
default = "75s"
minimum = "1s"
maximum = "1h"
applies = "reload"

[server.settings.body_min_rate]
type = "bytes"
doc = "Bytes of a request body that must arrive in each second, after the first five seconds."
default = "1KiB"
minimum = "1B"
maximum = "16MiB"
applies = "reload"

[server.settings.write_timeout]
type = "duration"
doc = "Time in which a client must take some more of its answer."
default = "30s"
minimum = "1s"
maximum = "10m"
applies = "reload"

[server.settings.drain_timeout]
type = "duration"
doc = "Time that running requests get to end when the server stops."
default = "30s"
minimum = "0s"
maximum = "10m"
applies = "reload"

[server.settings.start_timeout]
type = "duration"
doc = "Time in which each plugin must start, and stop."
default = "30s"
minimum = "100ms"
maximum = "10m"

[log]
type = "table"
doc = "The log: one JSON line per event on standard output."

[log.settings.level]
type = "enum"
choices = ["debug", "info", "warn", "error"]
doc = "Least important level that is written."
default = "info"
applies = "reload"

[secrets]
type = "table"
doc = "Keys of the server itself."

[secrets.settings.master_key]
type = "string"
secret = true
doc = "32 bytes in base64 that seal all secrets at rest. Without it the server makes a key file in data_dir at its first start."

[secrets.settings.older_master_keys]
type = "list of string"
secret = true
doc = "Master keys of before, newest first. They open what they sealed; nothing new is sealed with them."
maximum = 8
)toml";

// One entry under [plugins], before the settings of the plugin itself.
constexpr std::string_view kEveryPlugin = R"toml(
[enabled]
type = "boolean"
doc = "Load this plugin. A plugin that [roles] names is loaded without it."

[required]
type = "boolean"
doc = "Refuse to start without this plugin; if false, a failure is logged and the server goes on without it."
default = true

[sha256]
type = "string"
doc = "SHA-256 of the plugin's library in hex. Takes precedence over plugins.lock."
minimum = 64
maximum = 64

[private_targets]
type = "list of host:port"
doc = "Targets that this plugin may call although their address is not public, or over plain http. Exact, as the plugin names them."
default = []

[package]
type = "path"
doc = "Absolute folder of the plugin's package. Default: the folder of its name in plugins_dir."
)toml";

Schema read_own(std::string_view text, const std::string& name) {
  const Checked<ConfigNode> parsed = parse_toml(text, name);
  Checked<Schema> schema = parsed.value ? read_schema(*parsed.value, "") : Checked<Schema>{std::nullopt, parsed.findings};
  if (!schema.value) throw std::logic_error("the server's own settings are described wrongly: " + schema.findings.front().line());
  return std::move(*schema.value);
}

Setting table_of(std::string name, std::string doc, Schema children) {
  Setting table;
  table.name = std::move(name);
  table.type = SettingType::table;
  table.doc = std::move(doc);
  table.children = std::move(children);
  return table;
}

Setting roles_table(const std::vector<RoleDescription>& roles) {
  Schema children;
  for (const RoleDescription& role : roles) {
    Setting setting;
    setting.name = role.name;
    setting.doc = role.doc;
    ConfigNode plugin;
    plugin.kind = ConfigNode::Kind::string;
    plugin.text = role.default_plugin;
    setting.default_value = std::move(plugin);
    children.push_back(std::move(setting));
  }
  return table_of("roles", "Which plugin fills which role. An empty name leaves the role empty.", std::move(children));
}

void drop_required(Schema& schema) {
  for (Setting& setting : schema) {
    setting.required = false;
    drop_required(setting.children);
  }
}

}  // namespace

std::vector<std::string> reserved_plugin_keys() {
  std::vector<std::string> names;
  for (const Setting& setting : read_own(kEveryPlugin, "plugins")) names.push_back(setting.name);
  return names;
}

Schema whole_schema(const std::vector<RoleDescription>& roles, const std::vector<PluginDescription>& plugins) {
  Schema schema = read_own(kServer, "server");
  schema.push_back(roles_table(roles));
  Schema tables;
  for (const PluginDescription& plugin : plugins) {
    Schema children = read_own(kEveryPlugin, "plugins");
    Schema own = plugin.settings;
    if (!plugin.active) drop_required(own);
    children.insert(children.end(), own.begin(), own.end());
    tables.push_back(table_of(plugin.name, plugin.doc, std::move(children)));
  }
  schema.push_back(table_of("plugins", "One table per plugin.", std::move(tables)));
  return schema;
}

Schema first_look_schema(const std::vector<RoleDescription>& roles) {
  Schema schema = read_own(kServer, "server");
  schema.push_back(roles_table(roles));
  Setting plugins = table_of("plugins", "One table per plugin.", read_own(kEveryPlugin, "plugins"));
  plugins.type = SettingType::table_map;
  plugins.open = true;
  schema.push_back(std::move(plugins));
  return schema;
}

}  // namespace driftstack::kernel
