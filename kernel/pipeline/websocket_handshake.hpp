#pragma once
// The opening handshake of a WebSocket (RFC 6455 section 4.2), and who may open one.

#include <span>
#include <string>
#include <string_view>

#include "driftstack/http.hpp"
#include "driftstack/result.hpp"
#include "kernel/pipeline/cors.hpp"

namespace driftstack::kernel {

/// The version that we speak, for `Sec-WebSocket-Version`.
inline constexpr std::string_view kWebSocketVersion = "13";

/// Reads the handshake out of the headers of a GET and answers the value of `Sec-WebSocket-Accept`; Errc::bad_request for what is none.
Result<std::string> accept_websocket(std::span<const HeaderView> headers);

/// Browsers open WebSockets across origins without asking (no CORS), with whatever an address or a cookie lets them. A page may therefore
/// open one only from this server's own origin or a listed one; programs send no Origin. Errc::forbidden otherwise.
Result<> check_websocket_origin(std::string_view origin, std::string_view host, const Cors& cors);

}  // namespace driftstack::kernel
