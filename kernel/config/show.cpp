#include "kernel/config/show.hpp"

#include <string_view>
#include <utility>

#include "kernel/config/json_text.hpp"
#include "kernel/config/secret_reference.hpp"
#include "kernel/config/value_syntax.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::string_view kMask = "***";

ConfigNode masked(const ConfigNode& node, const Setting& setting) {
  ConfigNode out = node;
  if (setting.secret && setting.type == SettingType::list && node.kind == ConfigNode::Kind::list) {
    Setting one = setting;
    one.type = SettingType::string;
    for (ConfigNode& item : out.items) item = masked(item, one);
    return out;
  }
  if (setting.secret && !read_secret_reference(node, setting.name).ok()) {
    out.kind = ConfigNode::Kind::string;
    out.text = kMask;
    return out;
  }
  if (out.kind == ConfigNode::Kind::string) out.text = without_password(out.text);
  for (ConfigNode& item : out.items) {
    if (item.kind == ConfigNode::Kind::string) item.text = without_password(item.text);
  }
  return out;
}

void show_table(const ConfigNode* node, const Schema& schema, const std::string& parent, std::vector<ShownSetting>& out);

void show_setting(const ConfigNode* node, const Setting& setting, const std::string& key, std::vector<ShownSetting>& out) {
  const bool is_table = node == nullptr || node->kind == ConfigNode::Kind::table;
  if (setting.type == SettingType::table && is_table) return show_table(node, setting.children, key, out);
  if (setting.type == SettingType::table_map && is_table) {
    if (node == nullptr) return;
    for (const auto& [name, entry] : node->entries) show_table(&entry, setting.children, join_key(key, name), out);
    return;
  }
  const ConfigNode* value = node != nullptr ? node : (setting.default_value ? &*setting.default_value : nullptr);
  if (value == nullptr) return;
  const ConfigNode safe = masked(*value, setting);
  out.push_back({key, safe.to_toml(), json_value(safe), value->origin});
}

void show_table(const ConfigNode* node, const Schema& schema, const std::string& parent, std::vector<ShownSetting>& out) {
  for (const Setting& setting : schema) {
    show_setting(node == nullptr ? nullptr : node->find(setting.name), setting, join_key(parent, setting.name), out);
  }
}

}  // namespace

std::vector<ShownSetting> shown_settings(const Document& document, const Schema& schema) {
  std::vector<ShownSetting> out;
  show_table(&document.root, schema, "", out);
  return out;
}

std::string show_text(const std::vector<ShownSetting>& settings, ShowOrigin origin) {
  std::string out;
  for (const ShownSetting& setting : settings) {
    out += setting.key + " = " + setting.toml;
    if (origin == ShowOrigin::yes) out += "  # " + setting.origin.text();
    out += "\n";
  }
  return out;
}

std::string show_json(const std::vector<ShownSetting>& settings) {
  std::string out;
  for (const ShownSetting& setting : settings) {
    out += out.empty() ? "" : ",\n ";
    out +=
        "{\"key\":" + json_string(setting.key) + ",\"value\":" + setting.json + ",\"origin\":" + json_string(setting.origin.text()) + "}";
  }
  return "[" + out + "]\n";
}

}  // namespace driftstack::kernel
