#include "kernel/config/schema_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "kernel/config/check.hpp"
#include "kernel/config/suggestion.hpp"
#include "kernel/config/value_check.hpp"

namespace driftstack::kernel {
namespace {

const std::vector<std::string>& attributes() {
  static const std::vector<std::string> kNames{"type",    "doc",     "default",  "minimum", "maximum",
                                               "choices", "applies", "required", "secret",  "settings"};
  return kNames;
}

bool is_name(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' && std::all_of(name.begin(), name.end(), allowed);
}

class SchemaReader {
 public:
  Schema settings(const ConfigNode& table, const std::string& parent);
  std::vector<Finding> take_findings() { return std::move(findings_); }

 private:
  void report(const ConfigNode& node, const std::string& key, std::string message) {
    findings_.push_back({node.origin, key, std::move(message)});
  }
  Setting setting(const std::string& name, const ConfigNode& node, const std::string& key);
  void type(const ConfigNode& node, const std::string& key, Setting& out);
  void doc(const ConfigNode& node, const std::string& key, Setting& out);
  void flag(const ConfigNode& node, const std::string& key, std::string_view name, bool& out);
  void applies(const ConfigNode& node, const std::string& key, Setting& out);
  void choices(const ConfigNode& node, const std::string& key, Setting& out);
  void bound(const ConfigNode& node, const std::string& key, std::string_view name, const Setting& setting, std::optional<Bound>& out);
  void default_value(const ConfigNode& node, const std::string& key, Setting& out);
  void children(const ConfigNode& node, const std::string& key, Setting& out);

  std::vector<Finding> findings_;
};

void SchemaReader::type(const ConfigNode& node, const std::string& key, Setting& out) {
  const ConfigNode* type = node.find("type");
  if (type == nullptr) return report(node, join_key(key, "type"), "missing; write one of " + quoted_list(type_names()));
  if (type->kind == ConfigNode::Kind::string && set_type(type->text, out)) return;
  report(*type, join_key(key, "type"), type->to_toml() + " is no type of settings; write one of " + quoted_list(type_names()));
}

void SchemaReader::doc(const ConfigNode& node, const std::string& key, Setting& out) {
  const ConfigNode* doc = node.find("doc");
  if (doc == nullptr) return report(node, join_key(key, "doc"), "missing; say in a sentence what the setting does");
  if (doc->kind != ConfigNode::Kind::string || doc->text.empty()) return report(*doc, join_key(key, "doc"), "write a sentence in quotes");
  out.doc = doc->text;
}

void SchemaReader::flag(const ConfigNode& node, const std::string& key, std::string_view name, bool& out) {
  const ConfigNode* flag = node.find(name);
  if (flag == nullptr) return;
  if (flag->kind != ConfigNode::Kind::boolean) return report(*flag, join_key(key, name), "write true or false");
  out = flag->boolean;
}

void SchemaReader::applies(const ConfigNode& node, const std::string& key, Setting& out) {
  const ConfigNode* applies = node.find("applies");
  if (applies == nullptr) return;
  if (applies->text != "start" && applies->text != "reload") {
    return report(*applies, join_key(key, "applies"), R"(write "start" or "reload")");
  }
  out.applies = applies->text == "reload" ? Applies::reload : Applies::start;
}

void SchemaReader::choices(const ConfigNode& node, const std::string& key, Setting& out) {
  const bool wanted = out.type == SettingType::choice || (out.type == SettingType::list && out.item == SettingType::choice);
  const ConfigNode* choices = node.find("choices");
  if (choices == nullptr) {
    if (wanted) report(node, join_key(key, "choices"), "missing; an enum lists its words, for example [\"a\", \"b\"]");
    return;
  }
  if (!wanted) return report(*choices, join_key(key, "choices"), "only an enum has choices");
  for (const ConfigNode& choice : choices->items) {
    if (choice.kind != ConfigNode::Kind::string) report(choice, join_key(key, "choices"), choice.to_toml() + " is not a string");
    out.choices.push_back(choice.text);
  }
  if (out.choices.empty()) report(*choices, join_key(key, "choices"), "an enum has at least one word");
}

void SchemaReader::bound(const ConfigNode& node, const std::string& key, std::string_view name, const Setting& setting,
                         std::optional<Bound>& out) {
  const ConfigNode* bound = node.find(name);
  if (bound == nullptr) return;
  out = read_bound(*bound, setting);
  if (!out) report(*bound, join_key(key, name), bound->to_toml() + " is no bound for the type " + type_name(setting));
}

void SchemaReader::default_value(const ConfigNode& node, const std::string& key, Setting& out) {
  const ConfigNode* value = node.find("default");
  if (value == nullptr) return;
  const std::string default_key = join_key(key, "default");
  const bool is_table = out.type == SettingType::table || out.type == SettingType::table_map;
  if (is_table) return report(*value, default_key, "a table has no default; its keys have");
  if (out.secret) return report(*value, default_key, "a secret has no default");
  if (out.required) return report(*value, default_key, "a required setting has no default");
  const ValueCheck checked = check_value(*value, out, default_key);
  if (!checked.data) return report(*value, default_key, checked.problem);
  out.default_value = *value;
  // A default belongs to no file: a relative path in it starts at the working directory, and `config show` calls it "default".
  out.default_value->origin = Origin{};
  for (ConfigNode& item : out.default_value->items) item.origin = Origin{};
}

void SchemaReader::children(const ConfigNode& node, const std::string& key, Setting& out) {
  const bool is_table = out.type == SettingType::table || out.type == SettingType::table_map;
  const ConfigNode* children = node.find("settings");
  if (children == nullptr) {
    if (is_table) report(node, join_key(key, "settings"), "missing; a table describes its keys under [" + join_key(key, "settings") + "]");
    return;
  }
  if (!is_table || children->kind != ConfigNode::Kind::table) {
    return report(*children, join_key(key, "settings"), "only \"table\" and \"map of table\" have settings of their own");
  }
  out.children = settings(*children, join_key(key, "settings"));
}

Setting SchemaReader::setting(const std::string& name, const ConfigNode& node, const std::string& key) {
  Setting out;
  out.name = name;
  for (const auto& [attribute, value] : node.entries) {
    if (std::find(attributes().begin(), attributes().end(), attribute) != attributes().end()) continue;
    findings_.push_back({value.key_origin, join_key(key, attribute), unknown_name_message("key", attribute, attributes())});
  }
  const std::size_t before = findings_.size();
  type(node, key, out);
  if (findings_.size() != before) return out;  // nothing else can be judged without the type
  doc(node, key, out);
  flag(node, key, "required", out.required);
  flag(node, key, "secret", out.secret);
  applies(node, key, out);
  choices(node, key, out);
  bound(node, key, "minimum", out, out.minimum);
  bound(node, key, "maximum", out, out.maximum);
  default_value(node, key, out);
  children(node, key, out);
  return out;
}

Schema SchemaReader::settings(const ConfigNode& table, const std::string& parent) {
  Schema schema;
  for (const auto& [name, node] : table.entries) {
    const std::string key = join_key(parent, name);
    if (!is_name(name)) {
      findings_.push_back(
          {node.key_origin, key, "the name of a setting is lower-case letters, digits and \"_\", and starts with a letter"});
    } else if (node.kind != ConfigNode::Kind::table) {
      report(node, key, "describe the setting in a table: [" + key + "] with type and doc");
    } else {
      schema.push_back(setting(name, node, key));
    }
  }
  return schema;
}

}  // namespace

Checked<Schema> read_schema(const ConfigNode& table, std::string_view parent) {
  SchemaReader reader;
  Schema schema = reader.settings(table, std::string(parent));
  std::vector<Finding> findings = reader.take_findings();
  sort_by_place(findings);
  if (!findings.empty()) return {std::nullopt, std::move(findings)};
  return {std::move(schema), {}};
}

}  // namespace driftstack::kernel
