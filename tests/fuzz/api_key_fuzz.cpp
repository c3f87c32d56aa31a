// Any bearer token: what counts as an API key has its shape to the last letter, and its public prefix is counted apart from every address.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "kernel/pipeline/client_address.hpp"
#include "plugins/identity/api_key.hpp"

namespace {

using namespace driftstack;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view token(reinterpret_cast<const char*>(data), size);
  if (token.find('\0') != std::string_view::npos) return 0;  // no header brings one
  const auto counted = kernel::limiter_key_of_prefix(token);
  if (counted) {
    // An IPv4 address begins with zeros, an IPv6 network of 64 bits ends with them.
    const auto& bytes = counted->bytes();
    require(bytes[0] != 0 && bytes[8] != 0, "the key of a prefix is the key of no address");
  }
  const auto prefix = identity::prefix_of(token);
  if (!prefix) return 0;
  require(size == 48 && (token.substr(0, 8) == "ds_live_" || token.substr(0, 8) == "ds_test_"), "a key begins with its environment");
  require(std::all_of(token.begin() + 8, token.end(), is_alphanumeric), "the rest of a key is letters and digits");
  require(identity::view(*prefix) == token.substr(0, 14), "the prefix is the beginning");
  require(identity::claims_to_be_api_key(token) && counted.has_value(), "a key claims to be one, and is counted by its prefix");
  return 0;
}
