// Any X-Forwarded-For, behind a trusted proxy and before none: only what a trusted proxy added may choose the client's address, and an
// address has one spelling.
//
// The input's lines are the values of as many headers.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/pipeline/client_address.hpp"

namespace {

using namespace driftstack::kernel;
using driftstack::HeaderView;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> found;
  for (std::size_t end = 0; end != std::string_view::npos; text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1)) {
    end = text.find('\n');
    found.push_back(text.substr(0, end));
  }
  return found;
}

AddressBytes resolve(const ClientAddressResolver& resolver, const AddressBytes& peer, const std::vector<std::string_view>& values) {
  std::vector<HeaderView> headers;
  for (const auto value : values) headers.push_back(HeaderView{"X-Forwarded-For", value});
  PeerAddress from;
  from.bytes = peer;
  return resolver.resolve(from, headers);
}

void fuzz_address(std::string_view text) {
  (void)Network::parse(text);
  const auto address = parse_address(text);
  if (!address) return;
  require(text.find('\0') == std::string_view::npos, "an address holds no end of a C string");
  const auto again = parse_address(address_text(*address));
  require(again && *again == *address, "an address reads back as itself");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Network proxies = *Network::parse("10.0.0.0/8");
  const AddressBytes proxy = *parse_address("10.1.2.3"), stranger = *parse_address("192.0.2.1");
  const ClientAddressResolver resolver({proxies}), trusting_nobody({});
  std::vector<std::string_view> values = lines(text);
  for (const auto value : values) fuzz_address(value);

  require(resolve(resolver, stranger, values) == stranger, "a peer that is no proxy is the client, whatever it says");
  require(resolve(trusting_nobody, proxy, values) == proxy, "without trusted proxies the peer is the client");

  const AddressBytes client = resolve(resolver, proxy, values);
  if (!proxies.contains(client)) {
    // What a client writes itself stands on the left; it must not change who it is.
    values.insert(values.begin(), "198.51.100.7, 203.0.113.9");
    require(resolve(resolver, proxy, values) == client, "an entry further left changes nothing");
    values.erase(values.begin());
  }
  values.push_back("198.51.100.7");
  require(resolve(resolver, proxy, values) == *parse_address("198.51.100.7"), "the right-most untrusted address is the client");
  return 0;
}
