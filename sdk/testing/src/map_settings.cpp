#include "driftstack/testing/map_settings.hpp"

#include <stdexcept>

namespace driftstack::testing {

SettingValue::SettingValue(MapSettings table) : data(std::make_shared<const MapSettings>(std::move(table))) {}

MapSettings::MapSettings(std::initializer_list<Entry> entries) {
  for (const auto& [key, value] : entries) values_.insert_or_assign(key, value);
}

MapSettings MapSettings::with(std::initializer_list<Entry> entries) const {
  MapSettings copy(*this);
  for (const auto& [key, value] : entries) copy.values_.insert_or_assign(key, value);
  return copy;
}

template <class T>
const T& MapSettings::get(std::string_view key, const char* type) const {
  const auto found = values_.find(key);
  if (found == values_.end()) throw std::logic_error("setting '" + std::string(key) + "' was asked for, but the test does not set it");
  const T* value = std::get_if<T>(&found->second.data);
  if (value == nullptr) throw std::logic_error("setting '" + std::string(key) + "' is not of type " + type);
  return *value;
}

bool MapSettings::has(std::string_view key) const { return values_.find(key) != values_.end(); }
bool MapSettings::boolean(std::string_view key) const { return get<bool>(key, "boolean"); }
std::int64_t MapSettings::integer(std::string_view key) const { return get<std::int64_t>(key, "integer"); }
double MapSettings::number(std::string_view key) const {
  const auto found = values_.find(key);
  if (found != values_.end() && std::holds_alternative<std::int64_t>(found->second.data)) return static_cast<double>(integer(key));
  return get<double>(key, "number");
}
std::chrono::microseconds MapSettings::duration(std::string_view key) const { return get<std::chrono::microseconds>(key, "duration"); }
std::int64_t MapSettings::bytes(std::string_view key) const { return get<std::int64_t>(key, "bytes"); }
std::string MapSettings::text(std::string_view key) const { return get<std::string>(key, "text"); }
std::vector<std::string> MapSettings::list(std::string_view key) const { return get<std::vector<std::string>>(key, "list"); }
std::string MapSettings::secret(std::string_view key) const { return get<std::string>(key, "secret"); }

const Settings* MapSettings::table(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return nullptr;
  return get<SettingValue::Table>(key, "table").get();
}

std::vector<std::string> MapSettings::names() const {
  std::vector<std::string> names;
  for (const auto& [key, value] : values_)
    if (std::holds_alternative<SettingValue::Table>(value.data)) names.push_back(key);
  return names;
}

}  // namespace driftstack::testing
