#pragma once
// Settings from a list in the test.
//
//   MapSettings settings({{"file", "sessions.db"}, {"readers", 4}, {"busy", std::chrono::seconds(5)},
//                         {"tiers", settings_table({{"free", settings_table({{"capacity", 60}})}})}});

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "driftstack/host.hpp"

namespace driftstack::testing {

class MapSettings;

/// One value: what the type of the setting is in C++. Bytes are integers; secrets, paths and URLs are text.
class SettingValue {
 public:
  SettingValue(bool v) : data(v) {}                                 // NOLINT(google-explicit-constructor)
  SettingValue(int v) : data(std::int64_t{v}) {}                    // NOLINT(google-explicit-constructor)
  SettingValue(std::int64_t v) : data(v) {}                         // NOLINT(google-explicit-constructor)
  SettingValue(double v) : data(v) {}                               // NOLINT(google-explicit-constructor)
  SettingValue(const char* v) : data(std::string(v)) {}             // NOLINT(google-explicit-constructor)
  SettingValue(std::string v) : data(std::move(v)) {}               // NOLINT(google-explicit-constructor)
  SettingValue(std::vector<std::string> v) : data(std::move(v)) {}  // NOLINT(google-explicit-constructor)
  template <class Rep, class Period>
  SettingValue(std::chrono::duration<Rep, Period> v)  // NOLINT(google-explicit-constructor)
      : data(std::chrono::duration_cast<std::chrono::microseconds>(v)) {}
  SettingValue(MapSettings table);  // NOLINT(google-explicit-constructor)

  using Table = std::shared_ptr<const MapSettings>;
  std::variant<bool, std::int64_t, double, std::chrono::microseconds, std::string, std::vector<std::string>, Table> data;
};

/// Knows no manifest: what a test does not set is not there, defaults included. Read-only after construction, so any thread may read.
class MapSettings final : public Settings {
 public:
  using Entry = std::pair<std::string, SettingValue>;

  MapSettings() = default;
  MapSettings(std::initializer_list<Entry> entries);  // NOLINT(google-explicit-constructor)

  /// A copy with these entries set or replaced.
  MapSettings with(std::initializer_list<Entry> entries) const;

  bool has(std::string_view key) const override;
  bool boolean(std::string_view key) const override;
  std::int64_t integer(std::string_view key) const override;
  /// Also reads an integer.
  double number(std::string_view key) const override;
  std::chrono::microseconds duration(std::string_view key) const override;
  std::int64_t bytes(std::string_view key) const override;
  std::string text(std::string_view key) const override;
  std::vector<std::string> list(std::string_view key) const override;
  std::string secret(std::string_view key) const override;
  const Settings* table(std::string_view key) const override;
  std::vector<std::string> names() const override;

 private:
  template <class T>
  const T& get(std::string_view key, const char* type) const;

  std::map<std::string, SettingValue, std::less<>> values_;
};

/// A nested table.
inline SettingValue settings_table(std::initializer_list<MapSettings::Entry> entries) { return SettingValue(MapSettings(entries)); }

}  // namespace driftstack::testing
