#include "plugins/browser-webkit/egress/upstream.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace driftstack::browser_webkit {
namespace {

using State = UpstreamHandshake::State;

std::shared_ptr<const browser::Proxy> proxy(browser::ProxyScheme scheme, bool with_credentials = false) {
  auto made = std::make_shared<browser::Proxy>();
  made->scheme = scheme;
  if (with_credentials) {
    made->username = "ada";
    made->password = SecretText("pw");
  }
  return made;
}

std::string bytes(std::string_view text) { return std::string(text); }

/// What the proxy says, byte by byte; the state at its end, and all that was said to it.
std::pair<State, std::string> talk(UpstreamHandshake& handshake, const std::string& from_proxy, std::string* left = nullptr) {
  std::string received, said;
  State state = handshake.advance(received, said);
  for (std::size_t i = 0; i < from_proxy.size() && state == State::running; ++i) {
    received += from_proxy[i];
    // One message of the proxy may be followed by another in the same bytes.
    state = handshake.advance(received, said);
  }
  if (left != nullptr) *left = received;
  return {state, said};
}

TEST_CASE("SOCKS asks for the name of the target, so that the proxy resolves it") {
  UpstreamHandshake handshake(proxy(browser::ProxyScheme::socks5), EgressTarget{"site.test", 443});
  const auto [state, said] = talk(handshake, std::string("\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50", 12));
  CHECK(state == State::done);
  CHECK(said == std::string("\x05\x01\x00", 3) + std::string("\x05\x01\x00\x03\x09site.test\x01\xbb", 16));
}

TEST_CASE("SOCKS sends credentials only when they are asked for") {
  UpstreamHandshake asked(proxy(browser::ProxyScheme::socks5, true), EgressTarget{"127.0.0.9", 80});
  const auto [state, said] = talk(asked, std::string("\x05\x02\x01\x00\x05\x00\x00\x03\x01x\x00\x00", 12));
  CHECK(state == State::done);
  CHECK(said == std::string("\x05\x02\x00\x02", 4) +
                    std::string("\x01\x03"
                                "ada\x02pw",
                                8) +
                    std::string("\x05\x01\x00\x01\x7f\x00\x00\x09\x00\x50", 10));
  UpstreamHandshake spared(proxy(browser::ProxyScheme::socks5, true), EgressTarget{"2a00::1", 80});
  CHECK(talk(spared, std::string("\x05\x00", 2)).second.find("ada") == std::string::npos);
}

TEST_CASE("what a SOCKS proxy refuses has its kind") {
  const std::string welcome("\x05\x00", 2);
  const std::vector<std::pair<std::string, State>> cases = {{"\x05\xff", State::auth_failed},
                                                            {bytes("\x05\x02"), State::auth_failed},  // there are no credentials
                                                            {"HT", State::broken},
                                                            {welcome + "\x05\x04", State::no_such_name},
                                                            {welcome + "\x05\x02", State::refused},
                                                            {welcome + "\x05\x05", State::refused},
                                                            {welcome + "\x04\x01", State::broken},
                                                            {welcome + std::string("\x05\x00\x00\x09\x00", 5), State::broken}};
  for (const auto& [from_proxy, expected] : cases) {
    UpstreamHandshake handshake(proxy(browser::ProxyScheme::socks5), EgressTarget{"a", 1});
    CHECK(talk(handshake, from_proxy).first == expected);
  }
  UpstreamHandshake rejected(proxy(browser::ProxyScheme::socks5, true), EgressTarget{"a", 1});
  CHECK(talk(rejected, std::string("\x05\x02\x01\x01", 4)).first == State::auth_failed);
}

TEST_CASE("HTTP asks by CONNECT, and the target's first bytes are left over") {
  UpstreamHandshake handshake(proxy(browser::ProxyScheme::http, true), EgressTarget{"2a00::1", 443});
  std::string received, said;
  CHECK(handshake.advance(received, said) == State::running);
  CHECK(said == "CONNECT [2a00::1]:443 HTTP/1.1\r\nHost: [2a00::1]:443\r\nProxy-Authorization: Basic YWRhOnB3\r\n\r\n");
  received = "HTTP/1.1 200 Connection established\r\nX: y\r\n\r\nhello";
  CHECK(handshake.advance(received, said) == State::done);
  CHECK(received == "hello");
}

TEST_CASE("what an HTTP proxy refuses has its kind") {
  const std::vector<std::pair<std::string, State>> cases = {{"HTTP/1.1 407 No\r\n\r\n", State::auth_failed},
                                                            {"HTTP/1.0 502 No\r\n\r\n", State::refused},
                                                            {"HTTP/1.1 2\r\n\r\n", State::broken},
                                                            {"SSH-2.0-x\r\n\r\n", State::broken},
                                                            {"\r\n\r\n", State::broken},
                                                            {std::string(20'000, 'x'), State::broken},
                                                            {"HTTP/1.1 200 OK\r\n", State::running}};
  for (const auto& [from_proxy, expected] : cases) {
    INFO(from_proxy.substr(0, 20));
    UpstreamHandshake handshake(proxy(browser::ProxyScheme::http), EgressTarget{"a", 1});
    CHECK(talk(handshake, from_proxy).first == expected);
  }
}

}  // namespace
}  // namespace driftstack::browser_webkit
