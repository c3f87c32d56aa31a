#pragma once
// The checked settings of one plugin, as the SDK shows them.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/host.hpp"
#include "kernel/config/schema.hpp"
#include "kernel/config/secret_reference.hpp"
#include "kernel/config/settings.hpp"

namespace driftstack::kernel {

/// Reading is [any-thread]; secrets are fetched each time they are read and never kept here.
class SettingView final : public Settings {
 public:
  /// `settings` and `sources` outlive the view. A key that `schema` does not describe is a bug of the reader.
  SettingView(const CheckedSettings& settings, const Schema& schema, const SecretSources& sources);

  bool has(std::string_view key) const override;
  bool boolean(std::string_view key) const override { return settings_.boolean(key); }
  std::int64_t integer(std::string_view key) const override { return settings_.integer(key); }
  double number(std::string_view key) const override { return settings_.number(key); }
  std::chrono::microseconds duration(std::string_view key) const override { return settings_.duration(key); }
  std::int64_t bytes(std::string_view key) const override { return static_cast<std::int64_t>(settings_.bytes(key)); }
  std::string text(std::string_view key) const override { return settings_.string(key); }
  std::vector<std::string> list(std::string_view key) const override { return settings_.list(key); }
  std::string secret(std::string_view key) const override;
  const Settings* table(std::string_view key) const override;
  std::vector<std::string> names() const override;

 private:
  const CheckedSettings& settings_;
  const Schema& schema_;
  const SecretSources& sources_;
  std::map<std::string, std::unique_ptr<SettingView>, std::less<>> tables_;
};

}  // namespace driftstack::kernel
