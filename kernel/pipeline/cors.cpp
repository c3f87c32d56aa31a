#include "kernel/pipeline/cors.hpp"

#include <algorithm>

namespace driftstack::kernel {

bool Cors::allows(std::string_view origin) const noexcept {
  return !origin.empty() && std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

void Cors::append_headers(std::string_view origin, std::string& head) const {
  if (!allows(origin)) return;
  head.append("Access-Control-Allow-Origin: ").append(origin).append("\r\n");
  head.append(
      "Vary: Origin\r\n"
      "Access-Control-Allow-Credentials: true\r\n"
      "Access-Control-Expose-Headers: x-request-id, idempotent-replayed, x-ratelimit-bucket, x-ratelimit-limit, x-ratelimit-remaining, "
      "x-ratelimit-reset, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after\r\n");
}

void Cors::append_preflight_headers(std::string_view origin, std::string& head) const {
  if (!allows(origin)) return;
  append_headers(origin, head);
  head.append(
      "Access-Control-Allow-Methods: GET, POST, PUT, PATCH, DELETE, OPTIONS\r\n"
      "Access-Control-Allow-Headers: authorization, content-type, x-request-id, stripe-signature, x-nowpayments-sig, idempotency-key, "
      "x-driftstack-account\r\n"
      "Access-Control-Max-Age: 600\r\n");
}

}  // namespace driftstack::kernel
