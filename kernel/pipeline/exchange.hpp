#pragma once
// One request and its answer, as it travels between the connection (kernel/http) and the stages (pipeline.hpp).

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/http.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"

namespace driftstack::kernel {

/// An IP address: IPv6 bytes; IPv4 in its mapped form (::ffff:a.b.c.d).
struct PeerAddress {
  std::array<std::uint8_t, 16> bytes{};
  std::uint16_t port = 0;
};

/// The body of a request that is still on the wire. Implemented by the connection. [io-thread]
class BodyReader {
 public:
  /// True when framing announces a body (also one of length 0 when chunked).
  virtual bool present() const noexcept = 0;
  /// Length announced by Content-Length, nothing when chunked.
  virtual std::optional<std::uint64_t> announced_length() const noexcept = 0;
  /// Reads all of it (sends 100 Continue first when the client waits for it). Errors: payload_too_large (with limit_bytes and size_bytes
  /// when known), bad_request (framing), timeout (too slow), cancelled (gone). The view lives as long as the exchange.
  virtual AsyncResult<std::string_view> read(std::size_t limit) = 0;

 protected:
  ~BodyReader() = default;
};

/// Owned by the connection, reused for the next request of the same connection: `reset` keeps the capacity of its strings.
struct Exchange {
  // Filled by the connection.
  std::string_view method_text;
  std::optional<Method> method;  ///< empty for a method that we do not know
  std::string_view target;       ///< origin-form request target as received
  std::span<const HeaderView> headers;
  std::string_view host;  ///< the one Host header
  PeerAddress peer;
  IoThread io_thread = 0;
  BodyReader* body = nullptr;
  Call::Clock::time_point started;

  // Filled by the pipeline.
  std::optional<Call> call;      ///< made at the first stage
  const Route* route = nullptr;  ///< null while no route was found
  std::string head;              ///< complete header lines (`name: value\r\n`), all but framing, Date and Connection
  Response response;
  bool close = false;                       ///< the connection must close after this answer
  bool head_only = false;                   ///< HEAD: send the length, not the body
  std::vector<HeaderView> visible_headers;  ///< what the handler may see
  std::vector<ParameterView> parameters;    ///< path parameters, decoded
  std::string decoded;                      ///< storage of decoded parameters

  void reset() {
    method_text = target = host = {};
    route = nullptr;
    method.reset();
    headers = {};
    body = nullptr;
    call.reset();
    head.clear();
    response = Response();
    close = head_only = false;
    visible_headers.clear();
    parameters.clear();
    decoded.clear();
  }
};

}  // namespace driftstack::kernel
