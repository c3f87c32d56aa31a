#include "kernel/pipeline/response_head.hpp"

#include <algorithm>

namespace driftstack::kernel {
namespace {

/// No such character may stand in a header name; bytes above ASCII are negative or small here and go the same way.
bool breaks_name(char c) noexcept { return c <= ' ' || c == ':' || c == '\x7f'; }

constexpr std::string_view kHsts = "Strict-Transport-Security: max-age=63072000; includeSubDomains; preload\r\n";

}  // namespace

ResponseHead::ResponseHead(bool hsts) {
  if (hsts) api_block_ = html_block_ = kHsts;
  api_block_.append(
      "X-Content-Type-Options: nosniff\r\n"
      "X-Frame-Options: SAMEORIGIN\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "X-DNS-Prefetch-Control: off\r\n"
      "Cross-Origin-Resource-Policy: cross-origin\r\n");
  html_block_.append(
      "X-Frame-Options: DENY\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "Referrer-Policy: strict-origin-when-cross-origin\r\n"
      "Permissions-Policy: accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), "
      "usb=()\r\n"
      "Content-Security-Policy: default-src 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'; frame-src 'none'; "
      "form-action 'self'; manifest-src 'self'; script-src 'none'; connect-src 'none'; style-src 'self' 'unsafe-inline'");
  html_block_.append(hsts ? "; upgrade-insecure-requests\r\n" : "\r\n");
}

std::string_view default_cache_control(bool event_stream) noexcept {
  return event_stream ? "no-cache, no-store, private, no-transform" : "no-store, private";
}

void append_header(std::string_view name, std::string_view value, std::string& head) {
  if (name.empty() || std::any_of(name.begin(), name.end(), &breaks_name)) return;
  if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) return;
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace driftstack::kernel
