#include "egress/upstream.hpp"

#include <netinet/in.h>

#include <array>
#include <string_view>

#include "driftstack/support/base64.hpp"
#include "egress/address.hpp"

namespace driftstack::browser_webkit {
namespace {

using State = UpstreamHandshake::State;

constexpr char kSocksVersion = 5;
constexpr char kNoAuthentication = 0, kUserPassword = 2;
constexpr char kUserPasswordVersion = 1;  // RFC 1929
constexpr char kConnect = 1;
constexpr char kIpv4 = 1, kName = 3, kIpv6 = 4;
constexpr char kHostUnreachable = 4;
constexpr std::size_t kReplyHead = 5;  // up to the first byte of the address, which is the length of a name
constexpr std::size_t kPortBytes = 2;
constexpr std::size_t kMostHttpHead = 16 * 1024;
constexpr std::size_t kMostFieldBytes = 255;  // RFC 1929 section 2
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::size_t kStatusAt = 9;  // after "HTTP/1.x "

void append_short(std::string& out, std::string_view text) {
  text = text.substr(0, kMostFieldBytes);
  out += static_cast<char>(text.size());
  out += text;
}

std::string host_and_port(const EgressTarget& target) {
  const bool is_ipv6 = target.host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + target.host + "]" : target.host) + ":" + std::to_string(target.port);
}

}  // namespace

State UpstreamHandshake::advance(std::string& received, std::string& to_send) {
  switch (step_) {
    case Step::begin:
      if (proxy_->scheme == browser::ProxyScheme::http) {
        step_ = Step::http_answer;
        to_send += connect_request();
        return State::running;
      }
      step_ = Step::method;
      to_send += proxy_->username ? std::string{kSocksVersion, 2, kNoAuthentication, kUserPassword}
                                  : std::string{kSocksVersion, 1, kNoAuthentication};
      return State::running;
    case Step::method:
      return read_method(received, to_send);
    case Step::authentication:
      return read_authentication(received, to_send);
    case Step::reply:
      return read_reply(received);
    case Step::http_answer:
      return read_http_answer(received);
  }
  return State::broken;
}

State UpstreamHandshake::read_method(std::string& received, std::string& to_send) {
  if (received.size() < 2) return State::running;
  const char version = received[0], method = received[1];
  received.erase(0, 2);
  if (version != kSocksVersion) return State::broken;
  if (method == kNoAuthentication) {
    step_ = Step::reply;
    to_send += request();
    return State::running;
  }
  if (method != kUserPassword || !proxy_->username) return State::auth_failed;
  step_ = Step::authentication;
  to_send += credentials();
  return State::running;
}

State UpstreamHandshake::read_authentication(std::string& received, std::string& to_send) {
  if (received.size() < 2) return State::running;
  const bool accepted = received[1] == 0;
  received.erase(0, 2);
  if (!accepted) return State::auth_failed;
  step_ = Step::reply;
  to_send += request();
  return State::running;
}

State UpstreamHandshake::read_reply(std::string& received) {
  if (received.size() < 2) return State::running;
  if (received[0] != kSocksVersion) return State::broken;
  if (received[1] == kHostUnreachable) return State::no_such_name;
  if (received[1] != 0) return State::refused;
  if (received.size() < kReplyHead) return State::running;
  std::size_t size = kReplyHead - 1 + kPortBytes;
  switch (received[3]) {
    case kIpv4:
      size += sizeof(in_addr);
      break;
    case kIpv6:
      size += sizeof(in6_addr);
      break;
    case kName:
      size += 1 + static_cast<unsigned char>(received[4]);
      break;
    default:
      return State::broken;
  }
  if (received.size() < size) return State::running;
  received.erase(0, size);
  return State::done;
}

State UpstreamHandshake::read_http_answer(std::string& received) {
  const std::size_t end = received.find(kHeadEnd);
  if (end == std::string::npos) return received.size() > kMostHttpHead ? State::broken : State::running;
  const std::string_view line = std::string_view(received).substr(0, received.find('\r'));
  if (!line.starts_with("HTTP/1.") || line.size() < kStatusAt + 3) return State::broken;
  const std::string_view status = line.substr(kStatusAt, 3);
  if (status == "407") return State::auth_failed;
  if (status.front() != '2') return State::refused;
  received.erase(0, end + kHeadEnd.size());
  return State::done;
}

std::string UpstreamHandshake::credentials() const {
  std::string bytes{kUserPasswordVersion};
  append_short(bytes, *proxy_->username);
  append_short(bytes, proxy_->password ? proxy_->password->reveal() : std::string_view());
  return bytes;
}

std::string UpstreamHandshake::request() const {
  std::string bytes{kSocksVersion, kConnect, 0};
  if (const auto address = parse_address(target_.host)) {
    const bool is_ipv6 = target_.host.find(':') != std::string::npos;
    bytes += is_ipv6 ? kIpv6 : kIpv4;
    const std::size_t size = is_ipv6 ? sizeof(in6_addr) : sizeof(in_addr);
    for (std::size_t i = address->size() - size; i < address->size(); ++i) bytes += static_cast<char>((*address)[i]);
  } else {
    bytes += kName;
    append_short(bytes, target_.host);
  }
  bytes += static_cast<char>(target_.port >> 8);
  bytes += static_cast<char>(target_.port & 0xff);
  return bytes;
}

std::string UpstreamHandshake::connect_request() const {
  const std::string target = host_and_port(target_);
  std::string head = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (proxy_->username) {
    const std::string_view password = proxy_->password ? proxy_->password->reveal() : std::string_view();
    head += "Proxy-Authorization: Basic " + base64_encode(*proxy_->username + ":" + std::string(password)) + "\r\n";
  }
  return head + "\r\n";
}

}  // namespace driftstack::browser_webkit
