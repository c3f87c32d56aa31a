#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace driftstack::kernel {

/// Takes a chunked body apart (RFC 9112 section 7.1), strictly: no extensions, no trailers, no bare line feeds. All three are allowed by
/// the RFC but unused by clients of a REST API, and each has been a way to make two servers disagree about where a body ends.
class ChunkDecoder {
 public:
  enum class State : std::uint8_t { more, done, bad, too_large };

  /// `limit`: bytes of content at most.
  explicit ChunkDecoder(std::uint64_t limit) noexcept : limit_(limit) {}

  /// Consumes from the front of `input`, appends content to `out`. Stops behind the last chunk and keeps what follows it in `input`.
  State feed(std::string_view& input, std::string& out);

 private:
  enum class Step : std::uint8_t { size, size_lf, content, content_cr, content_lf, end_cr, end_lf };
  static constexpr int kMostDigits = 8;  // 4 GiB: far over every body limit, far under an overflow

  State take_size(char c) noexcept;
  /// The byte must be `wanted`.
  State expect(char c, char wanted, Step next) noexcept;

  std::uint64_t limit_;
  std::uint64_t left_ = 0;   ///< of the current chunk
  std::uint64_t total_ = 0;  ///< of all chunks so far
  int digits_ = 0;
  Step step_ = Step::size;
};

}  // namespace driftstack::kernel
