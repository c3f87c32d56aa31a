#pragma once

#include <string>
#include <vector>

#include "kernel/config/document.hpp"
#include "kernel/config/schema.hpp"

namespace driftstack::kernel {

/// One line of `config show`.
struct ShownSetting {
  /// Dotted.
  std::string key;
  /// The value as TOML and as JSON. A secret shows its reference; a text in the place of a secret shows "***"; so does a URL's password.
  std::string toml;
  std::string json;
  Origin origin;
};

/// Every key that has a value or a default, in the order of the description. Unknown keys are left out; `check` reports them.
std::vector<ShownSetting> shown_settings(const Document& document, const Schema& schema);

enum class ShowOrigin { no, yes };

/// `key = value`, one a line; with origins `key = value  # config/driftstack.toml:12:5`.
std::string show_text(const std::vector<ShownSetting>& settings, ShowOrigin origin);

/// A JSON array of `{"key","value","origin"}`.
std::string show_json(const std::vector<ShownSetting>& settings);

}  // namespace driftstack::kernel
