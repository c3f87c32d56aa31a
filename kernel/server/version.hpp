#pragma once

#include <string_view>

namespace driftstack::kernel {

/// The version of the server, from the build.
inline constexpr std::string_view kVersion = DRIFTSTACK_VERSION;

}  // namespace driftstack::kernel
