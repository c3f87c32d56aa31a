#include "egress/socks.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace driftstack::browser_webkit::socks {
namespace {

constexpr char kVersion = 5;
constexpr char kNoAuthentication = 0;
constexpr char kConnect = 1;
constexpr char kIpv4 = 1, kName = 3, kIpv6 = 4;
constexpr std::size_t kHeadBytes = 4;  // version, command, reserved, kind of address
constexpr std::size_t kPortBytes = 2;

std::size_t size_at(const std::string& bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

bool is_host_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ':'; }

/// Lower case, one dot at the end left out. Empty for text that is no host.
std::string host_from(std::string_view text) {
  std::string host(text);
  for (char& c : host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (host.ends_with('.')) host.pop_back();
  return std::all_of(host.begin(), host.end(), is_host_character) ? host : std::string();
}

std::string address_text(int family, const char* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(family, bytes, text.data(), text.size()) == nullptr ? std::string() : text.data();
}

}  // namespace

Parse take_greeting(std::string& bytes) {
  if (bytes.empty()) return Parse::incomplete;
  if (bytes[0] != kVersion) return Parse::broken;
  if (bytes.size() < 2 || bytes.size() < 2 + size_at(bytes, 1)) return Parse::incomplete;
  const std::string_view methods = std::string_view(bytes).substr(2, size_at(bytes, 1));
  if (methods.find(kNoAuthentication) == std::string_view::npos) return Parse::broken;
  bytes.erase(0, 2 + methods.size());
  return Parse::ready;
}

Parse take_request(std::string& bytes, EgressTarget& target) {
  if (bytes.size() <= kHeadBytes) return Parse::incomplete;
  if (bytes[0] != kVersion || bytes[1] != kConnect || bytes[2] != 0) return Parse::broken;
  const char kind = bytes[3];
  if (kind != kIpv4 && kind != kIpv6 && kind != kName) return Parse::broken;
  const std::size_t begin = kind == kName ? kHeadBytes + 1 : kHeadBytes;
  const std::size_t size = kind == kName ? size_at(bytes, kHeadBytes) : kind == kIpv4 ? sizeof(in_addr) : sizeof(in6_addr);
  if (bytes.size() < begin + size + kPortBytes) return Parse::incomplete;
  if (kind == kName) {
    target.host = host_from(std::string_view(bytes).substr(begin, size));
  } else {
    target.host = address_text(kind == kIpv4 ? AF_INET : AF_INET6, bytes.data() + begin);
  }
  target.port = static_cast<std::uint16_t>(size_at(bytes, begin + size) << 8 | size_at(bytes, begin + size + 1));
  bytes.erase(0, begin + size + kPortBytes);
  return target.host.empty() || target.port == 0 ? Parse::broken : Parse::ready;
}

std::string reply(Reply code) {
  // The address that was bound is of no interest to anybody: zeros.
  return {kVersion, static_cast<char>(code), 0, kIpv4, 0, 0, 0, 0, 0, 0};
}

}  // namespace driftstack::browser_webkit::socks
