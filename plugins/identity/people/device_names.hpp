#pragma once
// Coarse names of the device behind a sign-in, for its owner to recognise. identity.md 3.3.

#include <string_view>

namespace driftstack::identity {

/// `macOS`, `Windows`, `Linux`, `ChromeOS`, `iOS`, `Android` or `Unknown`.
std::string_view os_name(std::string_view user_agent) noexcept;
/// `Chrome`, `Safari`, `Firefox`, `Edge`, `Opera` or `Unknown`.
std::string_view browser_name(std::string_view user_agent) noexcept;

}  // namespace driftstack::identity
