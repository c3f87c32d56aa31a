#pragma once
// API keys as text: `ds_live_` or `ds_test_` and 40 letters or digits. identity.md 8.1.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace driftstack::identity {

enum class KeyEnvironment : std::uint8_t { live, test };

inline constexpr std::string_view kApiKeyMark = "ds_";  // what tells an API key from every other credential
inline constexpr std::size_t kEnvironmentSize = 8;      // `ds_live_`
inline constexpr std::size_t kRandomSize = 40;          // about 238 bits
inline constexpr std::size_t kPrefixSize = 14;          // `ds_live_` and 6 characters: display and lookup
inline constexpr std::size_t kTokenSize = kEnvironmentSize + kRandomSize;

/// The public start of a key, in place: the name under which a key is looked up.
using KeyPrefix = std::array<char, kPrefixSize>;

inline std::string_view view(const KeyPrefix& prefix) noexcept { return {prefix.data(), prefix.size()}; }

/// Does the bearer token claim to be an API key? Then a wrong one is `invalid-key`, not `unauthorized`.
inline bool claims_to_be_api_key(std::string_view token) noexcept { return token.substr(0, kApiKeyMark.size()) == kApiKeyMark; }

/// The prefix of a token of the right shape; nothing for any other text.
std::optional<KeyPrefix> prefix_of(std::string_view token) noexcept;

/// A fresh key.
std::string random_api_key(KeyEnvironment environment);

}  // namespace driftstack::identity
