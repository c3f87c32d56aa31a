#pragma once
// The URL of a navigation: http or https, absolute, without user information. Decided on its parts, never on a prefix.

#include <optional>
#include <string>
#include <string_view>

namespace driftstack::sessions {

/// A wire text type that keeps the spelling it was given. Browsers repair what they are given (WHATWG URL: white space cut, `\` read as
/// `/`, `http:/x` completed, `%41` in a host decoded); where such a repair could move the host, the text is refused, so that everyone who
/// looks at the URL later sees the same host.
class TargetUrl {
 public:
  TargetUrl() = default;
  [[nodiscard]] static std::optional<TargetUrl> from_text(std::string_view text);
  void append_text(std::string& out) const { out += text_; }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  static constexpr std::string_view kFormat = "uri";
  static constexpr std::string_view kExpected = "an absolute http or https URL without user name and password";

 private:
  explicit TargetUrl(std::string_view text) : text_(text) {}
  std::string text_;
};

}  // namespace driftstack::sessions
