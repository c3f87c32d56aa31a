#pragma once
// The header lines that every answer carries: security, request id, caching, content type (platform.md 3 and 4).

#include <string>
#include <string_view>

#include "driftstack/http.hpp"

namespace driftstack::kernel {

class ResponseHead {
 public:
  /// `hsts` is off only for a plain development listener.
  explicit ResponseHead(bool hsts);

  /// Appends the block of API answers or of HTML pages.
  void append_security(bool html, std::string& head) const { head.append(html ? html_block_ : api_block_); }

 private:
  std::string api_block_, html_block_;
};

/// The Cache-Control value of a path when its route says nothing.
std::string_view default_cache_control(bool event_stream) noexcept;

/// Appends one header line. A name that is no token or a value with a line break drops the line whole (response splitting).
void append_header(std::string_view name, std::string_view value, std::string& head);

}  // namespace driftstack::kernel
