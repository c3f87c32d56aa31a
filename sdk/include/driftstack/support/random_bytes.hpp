/// Random bytes of the operating system, for ids and tokens.
///
/// Thread: [any-thread]. Errors: none; a kernel without randomness ends the process, since no caller could go on safely.
#pragma once

#include <cstddef>
#include <span>

#include "driftstack/uuid.hpp"

namespace driftstack {

/// Fills `out` from getrandom(2).
void fill_random(std::span<std::byte> out) noexcept;

/// A fresh version 4 UUID.
[[nodiscard]] Uuid random_uuid() noexcept;

}  // namespace driftstack
