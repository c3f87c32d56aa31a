#pragma once

namespace driftstack::kernel {

/// True when the other side of a connected socket closed its sending side or reset the connection.
bool socket_peer_gone(int descriptor) noexcept;

}  // namespace driftstack::kernel
