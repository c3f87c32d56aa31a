#include "kernel/pipeline/websocket_handshake.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <optional>

#include "driftstack/support/base64.hpp"
#include "kernel/pipeline/header_name.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::size_t kKeyBytes = 16;                                              // RFC 6455 section 4.1
constexpr std::string_view kServerProof = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // section 1.3
constexpr std::string_view kWhat = "This operation opens a WebSocket (RFC 6455); ";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// True when one of the comma separated words of any header of that name is `word`.
bool has_word(std::span<const HeaderView> headers, std::string_view name, std::string_view word) {
  for (const auto& header : headers) {
    if (!same_header(header.name, name)) continue;
    std::string_view rest = header.value;
    while (!rest.empty()) {
      auto part = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), part.size() + 1));
      while (!part.empty() && (part.front() == ' ' || part.front() == '\t')) part.remove_prefix(1);
      while (!part.empty() && (part.back() == ' ' || part.back() == '\t')) part.remove_suffix(1);
      if (same_header(part, word)) return true;
    }
  }
  return false;
}

/// The value of the only header of that name.
std::optional<std::string_view> only_header(std::span<const HeaderView> headers, std::string_view name) {
  std::optional<std::string_view> value;
  for (const auto& header : headers) {
    if (!same_header(header.name, name)) continue;
    if (value) return std::nullopt;
    value = header.value;
  }
  return value;
}

Error refused(std::string_view why) { return Error(Errc::bad_request, std::string(kWhat) + std::string(why)); }

}  // namespace

Result<std::string> accept_websocket(std::span<const HeaderView> headers) {
  if (!has_word(headers, "upgrade", "websocket") || !has_word(headers, "connection", "upgrade"))
    return refused("send its handshake, with \"Connection: Upgrade\" and \"Upgrade: websocket\".");
  if (only_header(headers, "sec-websocket-version") != kWebSocketVersion) return refused("send \"Sec-WebSocket-Version: 13\".");
  const auto key = only_header(headers, "sec-websocket-key");
  const auto decoded = key ? base64_decode(*key) : std::nullopt;
  if (!decoded || decoded->size() != kKeyBytes) return refused("send one Sec-WebSocket-Key of 16 bytes in base64.");

  std::string proof(*key);
  proof.append(kServerProof);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(proof.data(), proof.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1)
    return Error(Errc::internal, "SHA-1, which the WebSocket handshake needs, cannot be computed here");
  return base64_encode(std::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

Result<> check_websocket_origin(std::string_view origin, std::string_view host, const Cors& cors) {
  if (origin.empty() || cors.allows(origin)) return Done();
  const std::string name = lower(host), given = lower(origin);
  if (!name.empty() && (given == "https://" + name || given == "http://" + name)) return Done();
  return Error(Errc::forbidden, "A page of another origin may open no WebSocket here, unless the server lists its origin.");
}

}  // namespace driftstack::kernel
