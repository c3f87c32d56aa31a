// Any record at the webhook of mail-postmark: what it changes has an address and a stream within bounds, and reads the same again.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "plugins/mail-postmark/bounce_webhook.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto change = driftstack::mail_postmark::change_of(body, "outbound");
  if (!change) return 0;
  const auto again = driftstack::mail_postmark::change_of(body, "outbound");
  const bool same = again && again->has_value() == change->has_value();
  const bool fit = !*change || (!(*change)->address.empty() && !(*change)->stream.empty() && (*change)->reason.size() <= 256);
  if (!same || !fit) std::abort();
  return 0;
}
