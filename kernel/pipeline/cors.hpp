#pragma once
// Cross-origin access from browsers: an exact list of origins, never a wildcard (platform.md 4.3).

#include <string>
#include <string_view>
#include <vector>

namespace driftstack::kernel {

class Cors {
 public:
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  bool allows(std::string_view origin) const noexcept;
  /// Header lines for an answer to a request with this Origin; nothing for an origin that is not listed.
  void append_headers(std::string_view origin, std::string& head) const;
  /// The same for a preflight: also methods, headers and their lifetime.
  void append_preflight_headers(std::string_view origin, std::string& head) const;

 private:
  std::vector<std::string> origins_;
};

}  // namespace driftstack::kernel
