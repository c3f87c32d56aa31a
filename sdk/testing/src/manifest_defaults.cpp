#include "driftstack/testing/manifest_defaults.hpp"

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace driftstack::testing {

namespace {

template <std::size_t N>
std::int64_t with_unit(const std::string& text, const std::array<std::pair<std::string_view, std::int64_t>, N>& units) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end);
  for (const auto& [name, factor] : units)
    if (error == std::errc() && unit == name) return number * factor;
  throw std::runtime_error("manifest: '" + text + "' has no number or no unit");
}

std::chrono::milliseconds duration(const std::string& text) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  return std::chrono::milliseconds(with_unit(text, kUnits));
}

std::int64_t bytes(const std::string& text) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits{{{"B", 1},
                                                                                    {"KiB", std::int64_t{1} << 10},
                                                                                    {"MiB", std::int64_t{1} << 20},
                                                                                    {"GiB", std::int64_t{1} << 30},
                                                                                    {"TiB", std::int64_t{1} << 40}}};
  return with_unit(text, kUnits);
}

std::optional<SettingValue> default_of(const std::string& type, const toml::node& node) {
  if (type == "duration") return duration(node.value_or(std::string()));
  if (type == "bytes") return bytes(node.value_or(std::string()));
  if (type == "number") return SettingValue(node.value_or(0.0));
  if (const auto* flag = node.as_boolean()) return SettingValue(flag->get());
  if (const auto* integer = node.as_integer()) return SettingValue(integer->get());
  if (const auto* text = node.as_string()) return SettingValue(text->get());
  if (const auto* array = node.as_array()) {
    std::vector<std::string> items;
    for (const auto& item : *array) items.push_back(item.value_or(std::string()));
    return SettingValue(std::move(items));
  }
  return std::nullopt;
}

MapSettings defaults(const toml::table& described) {
  MapSettings settings;
  for (const auto& [name, node] : described) {
    const auto* setting = node.as_table();
    if (setting == nullptr) continue;
    const auto type = (*setting)["type"].value_or(std::string());
    const auto* children = (*setting)["settings"].as_table();
    if (type == "table" && children != nullptr) {
      settings = settings.with({{std::string(name.str()), SettingValue(defaults(*children))}});
    } else if (type == "map of table") {
      settings = settings.with({{std::string(name.str()), SettingValue(MapSettings())}});
    } else if (const auto* value = setting->get("default")) {
      if (auto read = default_of(type, *value)) settings = settings.with({{std::string(name.str()), *read}});
    }
  }
  return settings;
}

}  // namespace

MapSettings manifest_defaults(const std::string& manifest_path) {
  const auto parsed = toml::parse_file(manifest_path);
  if (!parsed) {
    std::ostringstream message;
    message << manifest_path << ": " << parsed.error();
    throw std::runtime_error(message.str());
  }
  const auto* described = parsed.table()["settings"].as_table();
  return described == nullptr ? MapSettings() : defaults(*described);
}

}  // namespace driftstack::testing
