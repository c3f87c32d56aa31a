#include "kernel/config/settings.hpp"

#include <stdexcept>

namespace driftstack::kernel {

const SettingValue& CheckedSettings::value(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) throw std::logic_error("setting has no value and no default: " + std::string(key));
  return found->second;
}

const CheckedSettings& CheckedSettings::table(std::string_view key) const {
  const auto found = tables_.find(key);
  if (found == tables_.end()) throw std::logic_error("no such table of settings: " + std::string(key));
  return found->second;
}

void CheckedSettings::wrong_type(std::string_view key) {
  throw std::logic_error("setting is read with another type than described: " + std::string(key));
}

std::vector<SecretReference> secret_references(const CheckedSettings& settings) {
  std::vector<SecretReference> found;
  for (const auto& [key, value] : settings.values()) {
    if (const auto* reference = std::get_if<SecretReference>(&value.data)) found.push_back(*reference);
    if (const auto* list = std::get_if<std::vector<SecretReference>>(&value.data)) found.insert(found.end(), list->begin(), list->end());
  }
  for (const auto& [key, table] : settings.tables()) {
    for (SecretReference& reference : secret_references(table)) found.push_back(std::move(reference));
  }
  return found;
}

std::vector<Finding> find_missing_secrets(const CheckedSettings& settings, const SecretSources& sources) {
  std::vector<Finding> findings;
  for (const SecretReference& reference : secret_references(settings)) {
    for (Finding& finding : resolve_secret(reference, sources).findings) findings.push_back(std::move(finding));
  }
  sort_by_place(findings);
  return findings;
}

}  // namespace driftstack::kernel
