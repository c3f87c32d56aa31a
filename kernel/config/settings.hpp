#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kernel/config/finding.hpp"
#include "kernel/config/secret_reference.hpp"

namespace driftstack::kernel {

/// One checked value. Integers and byte counts share an alternative; text types (string, enum, host:port, url, path) share another.
using SettingData = std::variant<bool, std::int64_t, double, std::chrono::milliseconds, std::string, std::vector<std::string>,
                                 SecretReference, std::vector<SecretReference>>;

struct SettingValue {
  SettingData data;
  /// An empty source means that the default of the description applies.
  Origin origin;
};

/// Checked settings: every value has the type, the unit and the bounds of its description, and defaults are filled in.
/// Reading a key with another type than described, or one that has neither a value nor a default, is a bug of the reader and throws
/// std::logic_error; ask `has` first for keys that may be absent. Read-only after the check, so any thread may read.
class CheckedSettings {
 public:
  bool has(std::string_view key) const { return values_.find(key) != values_.end() || tables_.find(key) != tables_.end(); }

  bool boolean(std::string_view key) const { return get<bool>(key); }
  std::int64_t integer(std::string_view key) const { return get<std::int64_t>(key); }
  std::uint64_t bytes(std::string_view key) const { return static_cast<std::uint64_t>(get<std::int64_t>(key)); }
  double number(std::string_view key) const { return get<double>(key); }
  std::chrono::milliseconds duration(std::string_view key) const { return get<std::chrono::milliseconds>(key); }
  const std::string& string(std::string_view key) const { return get<std::string>(key); }
  const std::vector<std::string>& list(std::string_view key) const { return get<std::vector<std::string>>(key); }
  const SecretReference& secret(std::string_view key) const { return get<SecretReference>(key); }
  const std::vector<SecretReference>& secrets(std::string_view key) const { return get<std::vector<SecretReference>>(key); }
  /// A described table; present, with its defaults, even when the operator wrote nothing.
  const CheckedSettings& table(std::string_view key) const;

  /// Where the value was written; source is empty for a default.
  const Origin& origin(std::string_view key) const { return value(key).origin; }
  const SettingValue& value(std::string_view key) const;

  const std::map<std::string, SettingValue, std::less<>>& values() const { return values_; }
  /// Tables by name; for a "map of table" these are the names that the operator chose.
  const std::map<std::string, CheckedSettings, std::less<>>& tables() const { return tables_; }

  void set(std::string key, SettingValue value) { values_.insert_or_assign(std::move(key), std::move(value)); }
  void set(std::string key, CheckedSettings table) { tables_.insert_or_assign(std::move(key), std::move(table)); }

 private:
  template <typename T>
  const T& get(std::string_view key) const {
    const T* data = std::get_if<T>(&value(key).data);
    if (data == nullptr) wrong_type(key);
    return *data;
  }
  [[noreturn]] static void wrong_type(std::string_view key);

  std::map<std::string, SettingValue, std::less<>> values_;
  std::map<std::string, CheckedSettings, std::less<>> tables_;
};

/// Every secret reference in `settings`, tables included.
std::vector<SecretReference> secret_references(const CheckedSettings& settings);

/// Tries each secret and drops it again; one finding for each that cannot be had. What `config check` does.
std::vector<Finding> find_missing_secrets(const CheckedSettings& settings, const SecretSources& sources);

}  // namespace driftstack::kernel
