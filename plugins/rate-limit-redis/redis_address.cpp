#include "redis_address.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace driftstack::rate_limit_redis {
namespace {

constexpr std::size_t kMostHostBytes = 253;  // RFC 1035 section 2.3.4, without the root's dot
constexpr int kMostDatabases = 16384;        // Redis accepts more; nobody has them

Error mistake(const char* rule) { return Error(Errc::validation_failed, std::string("url: ") + rule); }

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= kMostHostBytes && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
}

bool is_ipv6(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) { return hex_digit(c) >= 0 || c == ':' || c == '.'; });
}

Result<> read_credentials(std::string_view text, RedisAddress& address) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return mistake("a user needs a password: redis://user:password@host");
  auto user = percent_decoded(text.substr(0, colon));
  auto password = percent_decoded(text.substr(colon + 1));
  if (!user || !password) return mistake("user and password must be percent-encoded");
  address.user = *std::move(user);
  address.password = SecretText::take(*password);
  return Done();
}

Result<> read_host_and_port(std::string_view text, RedisAddress& address) {
  std::string_view host = text.substr(0, text.rfind(':'));
  const bool bracketed = !text.empty() && text.front() == '[';
  if (bracketed) {
    const auto end = text.find(']');
    host = text.substr(1, end == std::string_view::npos ? 0 : end - 1);
    text.remove_prefix(std::min(text.size(), host.size() + 2));
  } else {
    text.remove_prefix(host.size());
  }
  if (bracketed ? !is_ipv6(host) : !is_host(host)) return mistake("it names no host: redis://host:6379");
  address.host = host;
  if (text.empty()) return Done();
  const auto port = text.front() == ':' ? whole_number<std::uint16_t>(text.substr(1)) : std::nullopt;
  if (!port || *port == 0) return mistake("the port must be a number from 1 to 65535");
  address.port = *port;
  return Done();
}

}  // namespace

Result<RedisAddress> RedisAddress::from_url(std::string_view url) {
  RedisAddress address;
  constexpr std::string_view kPlain = "redis://", kTls = "rediss://";
  address.tls = url.substr(0, kTls.size()) == kTls;
  if (!address.tls && url.substr(0, kPlain.size()) != kPlain) return mistake("must begin with redis:// or rediss://");
  url.remove_prefix(address.tls ? kTls.size() : kPlain.size());
  if (url.find_first_of("?#") != std::string_view::npos) return mistake("must not have a query or a fragment");

  const auto slash = url.find('/');
  const std::string_view database = slash == std::string_view::npos ? std::string_view() : url.substr(slash + 1);
  url = url.substr(0, slash);
  if (!database.empty()) {
    const auto number = whole_number<int>(database);
    if (!number || *number < 0 || *number >= kMostDatabases) return mistake("what follows the host must be the number of a database");
    address.database = *number;
  }
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    if (auto read = read_credentials(url.substr(0, at), address); !read) return std::move(read).error();
    url.remove_prefix(at + 1);
  }
  if (auto read = read_host_and_port(url, address); !read) return std::move(read).error();
  return address;
}

std::string RedisAddress::place() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace driftstack::rate_limit_redis
