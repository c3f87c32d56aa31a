// Any text as the URL of a Redis: an address that can be looked up and shown in a log, or a refusal that does not repeat the text.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugins/rate-limit-redis/redis_address.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view url(reinterpret_cast<const char*>(data), size);
  const auto address = driftstack::rate_limit_redis::RedisAddress::from_url(url);
  if (!address) {
    if (size > 16 && address.error().detail.find(url) != std::string_view::npos) std::abort();
    return 0;
  }
  const bool fit = !address->host.empty() && address->port != 0 && address->database >= 0 &&
                   address->host.find_first_of(std::string_view(" /@\\%\n\0", 7)) == std::string_view::npos;
  if (!fit || address->place().size() > 300) std::abort();
  return 0;
}
