#include "kernel/config/json_schema.hpp"

#include <string_view>

#include "kernel/config/json_text.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::string_view kSecretReference =
    R"("type":"object","minProperties":1,"maxProperties":1,"additionalProperties":false,"properties":{)"
    R"("env":{"type":"string","minLength":1},"file":{"type":"string","minLength":1},"credential":{"type":"string","minLength":1}})";

std::string object_members(const Schema& schema, bool open);

std::string bounds(const Setting& setting, std::string_view minimum, std::string_view maximum) {
  std::string out;
  if (setting.minimum) out += ",\"" + std::string(minimum) + "\":" + setting.minimum->text;
  if (setting.maximum) out += ",\"" + std::string(maximum) + "\":" + setting.maximum->text;
  return out;
}

/// Members that say how one textual value looks.
std::string text_members(SettingType type, const Setting& setting) {
  switch (type) {
    case SettingType::choice:
      return R"("type":"string","enum":)" + json_strings(setting.choices);
    case SettingType::host_port:
      return R"("type":"string","pattern":"^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+):[0-9]{1,5}$")";
    case SettingType::url:
      return R"("type":"string","pattern":"^[A-Za-z][A-Za-z0-9+.-]*://[^\\s]+$")";
    case SettingType::path:
      return R"("type":"string","minLength":1)";
    default:
      return R"("type":"string")";
  }
}

std::string type_members(const Setting& setting) {
  if (setting.secret && setting.type == SettingType::list)
    return R"("type":"array","items":{)" + std::string(kSecretReference) + "}" + bounds(setting, "minItems", "maxItems");
  if (setting.secret) return std::string(kSecretReference);
  switch (setting.type) {
    case SettingType::boolean:
      return R"("type":"boolean")";
    case SettingType::integer:
      return R"("type":"integer")" + bounds(setting, "minimum", "maximum");
    case SettingType::number:
      return R"("type":"number")" + bounds(setting, "minimum", "maximum");
    case SettingType::duration:
      return R"("type":"string","pattern":"^[0-9]+(ms|s|m|h|d)$")";
    case SettingType::bytes:
      return R"("type":"string","pattern":"^[0-9]+(B|KiB|MiB|GiB|TiB)$")";
    case SettingType::string:
      return R"("type":"string")" + bounds(setting, "minLength", "maxLength");
    case SettingType::list:
      return R"("type":"array","items":{)" + text_members(setting.item, setting) + "}" + bounds(setting, "minItems", "maxItems");
    case SettingType::table:
      return object_members(setting.children, setting.open);
    case SettingType::table_map:
      return R"("type":"object","additionalProperties":{)" + object_members(setting.children, setting.open) + "}";
    default:
      return text_members(setting.type, setting);
  }
}

std::string description(const Setting& setting) {
  std::string text = setting.doc;
  const bool unsaid = setting.type == SettingType::duration || setting.type == SettingType::bytes;
  if (unsaid && setting.minimum) text += " At least " + setting.minimum->text + ".";
  if (unsaid && setting.maximum) text += " At most " + setting.maximum->text + ".";
  const bool leaf = setting.type != SettingType::table && setting.type != SettingType::table_map;
  if (leaf) text += setting.applies == Applies::reload ? " Applies on reload." : " Applies at start.";
  return text;
}

std::string property(const Setting& setting) {
  std::string out = json_string(setting.name) + ":{\"description\":" + json_string(description(setting)) + "," + type_members(setting);
  if (setting.default_value) out += ",\"default\":" + json_value(*setting.default_value);
  return out + "}";
}

std::string object_members(const Schema& schema, bool open) {
  std::string properties;
  std::vector<std::string> required;
  for (const Setting& setting : schema) {
    properties += (properties.empty() ? "" : ",") + property(setting);
    if (setting.required) required.push_back(setting.name);
  }
  std::string out =
      R"("type":"object","additionalProperties":)" + std::string(open ? "true" : "false") + ",\"properties\":{" + properties + "}";
  if (!required.empty()) out += ",\"required\":" + json_strings(required);
  return out;
}

}  // namespace

std::string json_schema(const Schema& schema) {
  return R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Driftstack configuration",)" +
         object_members(schema, false) + "}\n";
}

}  // namespace driftstack::kernel
