#include "kernel/config/check.hpp"

#include <string>
#include <utility>

#include "kernel/config/suggestion.hpp"
#include "kernel/config/value_check.hpp"

namespace driftstack::kernel {
namespace {

class Checker {
 public:
  CheckedSettings table(const ConfigNode& node, const Schema& schema, const std::string& parent, bool open);
  std::vector<Finding> take_findings() { return std::move(findings_); }

 private:
  void report(const Origin& origin, const std::string& key, std::string message) { findings_.push_back({origin, key, std::move(message)}); }
  void unknown_keys(const ConfigNode& node, const Schema& schema, const std::string& parent);
  void setting(const ConfigNode& parent_node, const Setting& setting, const std::string& key, CheckedSettings& out);
  void leaf(const ConfigNode& parent_node, const Setting& setting, const std::string& key, CheckedSettings& out);
  CheckedSettings map_of_tables(const ConfigNode& node, const Setting& setting, const std::string& key);

  std::vector<Finding> findings_;
};

void Checker::unknown_keys(const ConfigNode& node, const Schema& schema, const std::string& parent) {
  std::vector<std::string> known;
  for (const Setting& setting : schema) known.push_back(setting.name);
  for (const auto& [name, value] : node.entries) {
    if (find_setting(schema, name) != nullptr) continue;
    const bool plugin = parent == "plugins";
    report(value.key_origin, join_key(parent, name), unknown_name_message(plugin ? "plugin" : "key", name, known));
  }
}

CheckedSettings Checker::map_of_tables(const ConfigNode& node, const Setting& setting, const std::string& key) {
  CheckedSettings out;
  for (const auto& [name, value] : node.entries) {
    const std::string child_key = join_key(key, name);
    if (value.kind != ConfigNode::Kind::table) {
      report(value.origin, child_key,
             std::string(value.kind_name()) + " stands where a table belongs; write its keys under [" + child_key + "]");
      continue;
    }
    out.set(name, table(value, setting.children, child_key, setting.open));
  }
  return out;
}

/// A wrong value is reported and its default takes its place, so that the checks behind this one always find a value to look at.
void Checker::leaf(const ConfigNode& parent_node, const Setting& setting, const std::string& key, CheckedSettings& out) {
  if (const ConfigNode* node = parent_node.find(setting.name)) {
    ValueCheck checked = check_value(*node, setting, key);
    if (checked.data) return out.set(setting.name, SettingValue{std::move(*checked.data), node->origin});
    report(checked.origin, key, std::move(checked.problem));
  } else if (setting.required) {
    return report(parent_node.origin, key, "missing; this " + type_name(setting) + " is required: " + setting.doc);
  }
  if (!setting.default_value) return;
  // Defaults were checked when the description was read.
  if (auto data = check_value(*setting.default_value, setting, key).data) out.set(setting.name, SettingValue{std::move(*data), Origin{}});
}

void Checker::setting(const ConfigNode& parent_node, const Setting& setting, const std::string& key, CheckedSettings& out) {
  const bool is_table = setting.type == SettingType::table || setting.type == SettingType::table_map;
  if (!is_table) return leaf(parent_node, setting, key, out);
  ConfigNode absent;
  absent.origin = parent_node.origin;
  const ConfigNode* node = parent_node.find(setting.name);
  if (node != nullptr && node->kind != ConfigNode::Kind::table) {
    report(node->origin, key, std::string(node->kind_name()) + " stands where a table belongs; write its keys under [" + key + "]");
    node = nullptr;
  }
  const ConfigNode& present = node == nullptr ? absent : *node;
  out.set(setting.name,
          setting.type == SettingType::table ? table(present, setting.children, key, setting.open) : map_of_tables(present, setting, key));
}

CheckedSettings Checker::table(const ConfigNode& node, const Schema& schema, const std::string& parent, bool open) {
  CheckedSettings out;
  if (!open) unknown_keys(node, schema, parent);
  for (const Setting& described : schema) setting(node, described, join_key(parent, described.name), out);
  return out;
}

}  // namespace

CheckResult check(const ConfigNode& table, const Schema& schema, std::string_view parent) {
  Checker checker;
  CheckResult result;
  result.settings = checker.table(table, schema, std::string(parent), false);
  result.findings = checker.take_findings();
  sort_by_place(result.findings);
  return result;
}

}  // namespace driftstack::kernel
