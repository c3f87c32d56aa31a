#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "kernel/http/server_options.hpp"
#include "kernel/pipeline/exchange.hpp"

namespace boost::asio {
class io_context;
}

namespace driftstack::kernel {

/// Accepts connections on one address and hands out their sockets: connected, non-blocking, closed on exec, without Nagle's delay.
class Listener {
 public:
  /// Takes ownership of the socket. [io-thread of the context]
  using Accepted = std::function<void(int descriptor, const PeerAddress& peer)>;

  /// Binds and listens. Errc::unavailable when the address is malformed, in use or not ours; the detail names it. [main-thread]
  static Result<std::unique_ptr<Listener>> open(boost::asio::io_context& context, const ListenAddress& address, Log& log);
  virtual ~Listener() = default;

  virtual std::uint16_t port() const noexcept = 0;
  /// [io-thread of the context]
  virtual void begin(Accepted accepted) = 0;
  /// Stops accepting and closes the address. [io-thread of the context]
  virtual void end() noexcept = 0;
};

}  // namespace driftstack::kernel
