#pragma once
// SHA-256 and HMAC-SHA-256, as Signature Version 4 uses them.

#include <string>
#include <string_view>

namespace driftstack::storage_s3 {

/// 64 lower-case hexadecimal digits. Slow for large bytes: call it on a worker.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
/// 32 bytes.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view message);

}  // namespace driftstack::storage_s3
