// Any text as the URL of a Redis: an address that can be looked up and shown in a log, or a refusal that does not repeat the password.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "plugins/rate-limit-redis/redis_address.hpp"

namespace {

using driftstack::rate_limit_redis::RedisAddress;

constexpr std::string_view kPassword = "hunter2-9d1f";

void check(std::string_view url) {
  const auto address = RedisAddress::from_url(url);
  if (!address) {
    if (address.error().detail.find(kPassword) != std::string::npos) std::abort();
    return;
  }
  const bool fit = !address->host.empty() && address->port != 0 && address->database >= 0 &&
                   address->host.find_first_of(std::string_view(" /@\\%\n\0", 7)) == std::string_view::npos;
  if (!fit || address->place().size() > 300) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check(text);
  check("redis://:" + std::string(kPassword) + text);
  return 0;
}
