#pragma once
// Frames on a stream: four bytes of length (network order), then that many bytes of UTF-8 JSON.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace driftstack::browser_webkit::protocol {

/// Largest frame either side accepts. The biggest answer is a page state, which the contract caps at 8 MiB; JSON escapes may double it.
inline constexpr std::size_t kMaxFrameBytes = std::size_t{16} << 20;
inline constexpr std::size_t kLengthBytes = 4;

/// The frame that carries `body`. Nothing when it would be larger than `kMaxFrameBytes`.
[[nodiscard]] std::optional<std::string> encode_frame(std::string_view body);

/// Cuts a byte stream into frames. Not thread safe.
class FrameReader {
 public:
  enum class State : std::uint8_t { incomplete, ready, broken };

  void append(std::string_view bytes) { buffer_.append(bytes); }
  /// `ready`: `body` holds the next frame. `broken`: the other side announced too large a frame; nothing more can be read.
  State next(std::string& body);

 private:
  std::string buffer_;
  std::size_t begin_ = 0;  // of the bytes that were not handed out
};

}  // namespace driftstack::browser_webkit::protocol
