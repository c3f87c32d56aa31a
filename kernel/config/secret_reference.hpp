#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/config/finding.hpp"
#include "kernel/config/node.hpp"

namespace driftstack::kernel {

/// Where a secret is kept. The configuration holds this, never the secret.
struct SecretReference {
  enum class Kind { environment, file, credential };

  Kind kind = Kind::environment;
  /// Variable, path (made absolute or relative to the working directory) or credential name.
  std::string name;
  /// Dotted key and place of the setting, for findings.
  std::string key;
  Origin origin;

  /// `{ env = "NAME" }`, as the operator writes it.
  std::string to_toml() const;
};

/// A secret in memory. Wiped on destruction; moves only; has no comparison and no output on purpose.
class SecretText {
 public:
  explicit SecretText(std::string text) noexcept;
  SecretText(SecretText&& other) noexcept;
  SecretText& operator=(SecretText&& other) noexcept;
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText();

  /// Valid until this object is moved from or destroyed.
  std::string_view view() const noexcept { return text_; }

 private:
  void wipe() noexcept;
  std::string text_;
};

/// What resolving a secret reads from. Tests give their own.
struct SecretSources {
  /// Value of an environment variable.
  std::function<std::optional<std::string>(const std::string&)> environment;
  /// The user who may own a secret's file, beside root.
  uid_t user = 0;

  /// The environment and the effective user of this process.
  static SecretSources of_this_process();
};

/// Reads `{ env = ... }`, `{ file = ... }` or `{ credential = ... }`. Anything else is a finding that never repeats the value.
Checked<SecretReference> read_secret_reference(const ConfigNode& node, const std::string& key);

/// Fetches the secret. One newline at its end is dropped. A file must be regular, mode 0600 or 0400, and owned by root or the server's
/// user; a credential lies in $CREDENTIALS_DIRECTORY, which systemd protects. [main-thread]
Checked<SecretText> resolve_secret(const SecretReference& reference, const SecretSources& sources);

}  // namespace driftstack::kernel
