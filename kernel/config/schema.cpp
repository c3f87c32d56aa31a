#include "kernel/config/schema.hpp"

#include <array>
#include <utility>

namespace driftstack::kernel {
namespace {

constexpr std::array<std::pair<SettingType, std::string_view>, 13> kNames{{{SettingType::boolean, "boolean"},
                                                                           {SettingType::integer, "integer"},
                                                                           {SettingType::number, "number"},
                                                                           {SettingType::duration, "duration"},
                                                                           {SettingType::bytes, "bytes"},
                                                                           {SettingType::string, "string"},
                                                                           {SettingType::choice, "enum"},
                                                                           {SettingType::host_port, "host:port"},
                                                                           {SettingType::url, "url"},
                                                                           {SettingType::path, "path"},
                                                                           {SettingType::address_range, "address range"},
                                                                           {SettingType::table, "table"},
                                                                           {SettingType::table_map, "map of table"}}};

constexpr std::string_view kListOf = "list of ";

bool can_stand_in_list(SettingType type) {
  return type == SettingType::string || type == SettingType::choice || type == SettingType::host_port || type == SettingType::url ||
         type == SettingType::path || type == SettingType::address_range;
}

std::string_view plain_name(SettingType type) {
  for (const auto& [known, name] : kNames) {
    if (known == type) return name;
  }
  return "list";
}

std::optional<SettingType> plain_type(std::string_view spelling) {
  for (const auto& [type, name] : kNames) {
    if (name == spelling) return type;
  }
  return std::nullopt;
}

}  // namespace

const Setting* find_setting(const Schema& schema, std::string_view name) {
  for (const Setting& setting : schema) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

std::string type_name(const Setting& setting) {
  if (setting.type == SettingType::list) return std::string(kListOf) + std::string(plain_name(setting.item));
  return std::string(plain_name(setting.type));
}

bool set_type(std::string_view spelling, Setting& setting) {
  const bool list = spelling.starts_with(kListOf);
  const auto type = plain_type(list ? spelling.substr(kListOf.size()) : spelling);
  if (!type || (list && !can_stand_in_list(*type))) return false;
  setting.type = list ? SettingType::list : *type;
  if (list) setting.item = *type;
  return true;
}

std::vector<std::string> type_names() {
  std::vector<std::string> names;
  for (const auto& [type, name] : kNames) names.emplace_back(name);
  for (const auto& [type, name] : kNames) {
    if (can_stand_in_list(type)) names.push_back(std::string(kListOf) + std::string(name));
  }
  return names;
}

}  // namespace driftstack::kernel
