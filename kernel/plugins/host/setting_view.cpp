#include "kernel/plugins/host/setting_view.hpp"

#include <stdexcept>

namespace driftstack::kernel {

SettingView::SettingView(const CheckedSettings& settings, const Schema& schema, const SecretSources& sources)
    : settings_(settings), schema_(schema), sources_(sources) {
  for (const auto& [name, table] : settings.tables()) {
    const Setting* described = find_setting(schema, name);
    // The names of a map of tables are the operator's; all are described by the same children, which are `schema` here.
    const Schema& children = described ? described->children : schema;
    tables_.emplace(name, std::make_unique<SettingView>(table, children, sources));
  }
}

bool SettingView::has(std::string_view key) const {
  if (!find_setting(schema_, key)) throw std::logic_error("setting \"" + std::string(key) + "\" is not in the manifest");
  return settings_.has(key);
}

std::string SettingView::secret(std::string_view key) const {
  auto text = resolve_secret(settings_.secret(key), sources_);
  if (!text.value) throw std::runtime_error(text.findings.front().line());
  return std::string(text.value->view());
}

const Settings* SettingView::table(std::string_view key) const {
  const auto found = tables_.find(key);
  return found == tables_.end() ? nullptr : found->second.get();
}

std::vector<std::string> SettingView::names() const {
  std::vector<std::string> list;
  for (const auto& entry : tables_) list.push_back(entry.first);
  return list;
}

}  // namespace driftstack::kernel
