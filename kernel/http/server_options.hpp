#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernel/http/head_parser.hpp"
#include "kernel/http/tls_context.hpp"
#include "kernel/pipeline/exchange.hpp"

namespace driftstack::kernel {

/// An address to listen on. Port 0 lets the system choose.
struct ListenAddress {
  std::string host = "127.0.0.1";  ///< numeric address, or `localhost`
  std::uint16_t port = 0;
};

/// Every limit of the HTTP server. Defaults are those of the configuration schema where it has a setting, else stated here.
struct ServerOptions {
  std::vector<ListenAddress> listen = {ListenAddress()};
  /// TLS on all addresses; plain HTTP without it.
  std::optional<TlsIdentity> tls;

  /// Connections open at one time; more are closed at once.
  std::size_t max_connections = 10'000;
  /// The same for one address (IPv6: one /64).
  std::size_t max_connections_per_address = 512;
  /// Addresses that the second cap does not count: trusted proxies. May be empty. [any-thread]
  std::function<bool(const PeerAddress&)> uncounted;

  HeadLimits head;
  /// Time for TLS and the first head, counted from the connection, and for each later head, counted from its first byte.
  std::chrono::milliseconds head_timeout{10'000};
  /// Time that a kept connection may stay without a request.
  std::chrono::milliseconds idle_timeout{75'000};
  /// Bytes of a body that must arrive in each second, after the grace.
  std::uint64_t body_min_rate = 1024;
  std::chrono::milliseconds body_grace{5'000};
  /// Time in which the client must take some more of its answer.
  std::chrono::milliseconds write_timeout{30'000};
  /// An unread body up to this size is read and dropped after an early answer, so that the connection can be kept; a larger one ends it.
  std::size_t drain_limit = 64 * 1024;
  /// Before a connection with unread input is closed, that much is still read and dropped, for so long: closing at once would reset
  /// the connection and destroy the answer on its way (RFC 9112 section 9.6).
  std::size_t linger_limit = std::size_t{4} << 20;
  std::chrono::milliseconds linger_timeout{2'000};
  /// How often a connection whose request still runs is asked whether its client is there.
  std::chrono::milliseconds peer_check{250};

  /// Open event streams and WebSockets in total and for one account. Routes have lower caps of their own; these protect the server from a
  /// route that forgot.
  std::size_t max_event_streams = 2'000;
  std::size_t max_event_streams_per_account = 100;
  /// Silence after which a stream gets a comment line or a ping, so that proxies keep it and dead peers are found.
  std::chrono::milliseconds heartbeat{15'000};
};

}  // namespace driftstack::kernel
