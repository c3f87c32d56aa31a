#pragma once
// E-mail addresses in their one spelling: the only way from a request to a look-up. identity.md 3.1, security.md 17.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "driftstack/roles/mailer.hpp"
#include "driftstack/support/utf8.hpp"

namespace driftstack::identity {

/// Trimmed, lower case, and of a form that a mailer carries. A wire text type.
class EmailAddress {
 public:
  EmailAddress() = default;

  static std::optional<EmailAddress> from_text(std::string_view text) {
    text = trim(text);
    if (!mail::is_address(text)) return std::nullopt;
    EmailAddress address;
    address.text_ = text;
    for (char& c : address.text_) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return address;
  }
  void append_text(std::string& out) const { out += text_; }
  const std::string& text() const noexcept { return text_; }

  static constexpr std::string_view kFormat = "email";
  static constexpr std::string_view kExpected = "an e-mail address of at most 254 characters, such as ada@example.com";

 private:
  std::string text_;
};

}  // namespace driftstack::identity
