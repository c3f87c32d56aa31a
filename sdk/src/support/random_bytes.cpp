#include "driftstack/support/random_bytes.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace driftstack {

void fill_random(std::span<std::byte> out) noexcept {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      std::abort();
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

Uuid random_uuid() noexcept {
  Uuid::Bytes bytes;
  fill_random(std::as_writable_bytes(std::span(bytes)));
  return Uuid::from_random_bytes(bytes);
}

}  // namespace driftstack
