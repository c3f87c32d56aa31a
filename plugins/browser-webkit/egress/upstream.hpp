#pragma once
// A customer's proxy, from our side: the handshakes of SOCKS 5 (RFC 1928, RFC 1929) and HTTP CONNECT (RFC 9110 section 9.3.6), as a state
// machine without a socket. The proxy resolves the names of targets. What it says is not trusted.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "driftstack/roles/browser_backend.hpp"
#include "egress/target_rules.hpp"

namespace driftstack::browser_webkit {

class UpstreamHandshake {
 public:
  enum class State : std::uint8_t {
    running,
    done,          ///< from now on the connection is to the target
    auth_failed,   ///< it wants other credentials
    no_such_name,  ///< it says that the target cannot be found
    refused,       ///< it does not carry us there
    broken,        ///< it speaks something else
  };

  UpstreamHandshake(std::shared_ptr<const browser::Proxy> proxy, EgressTarget target)
      : proxy_(std::move(proxy)), target_(std::move(target)) {}

  /// Takes what came from the proxy off the front of `received`; what is left when done is the target's. Adds to `to_send` what is to be
  /// said. Called first with nothing received.
  State advance(std::string& received, std::string& to_send);

 private:
  enum class Step : std::uint8_t { begin, method, authentication, reply, http_answer };
  State read_method(std::string& received, std::string& to_send);
  State read_authentication(std::string& received, std::string& to_send);
  State read_reply(std::string& received);
  State read_http_answer(std::string& received);
  std::string credentials() const;
  std::string request() const;
  std::string connect_request() const;

  std::shared_ptr<const browser::Proxy> proxy_;
  EgressTarget target_;
  Step step_ = Step::begin;
};

}  // namespace driftstack::browser_webkit
