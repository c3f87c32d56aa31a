#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "kernel/pipeline/exchange.hpp"

namespace driftstack::kernel {

/// `date: Sun, 06 Nov 1994 08:49:37 GMT\r\n`, made anew once per second. One per io thread.
class DateLine {
 public:
  std::string_view at(std::time_t now) noexcept;

 private:
  std::array<char, 40> text_{};
  std::size_t size_ = 0;
  std::time_t second_ = -1;
};

enum class KeepAlive : bool { no, yes };
/// How the length of an answer is told.
/// `upgrade`: what follows the head is another protocol.
enum class AnswerFraming : std::uint8_t { length, chunked, until_close, upgrade };

/// Writes status line, the exchange's head, date and framing into `out`, whose room is reused. The body is not copied.
void write_head(std::string& out, const Exchange& exchange, std::string_view date, AnswerFraming framing, KeepAlive keep);

/// True when an answer with this status has no body by definition (RFC 9110 section 6.4.1).
constexpr bool never_has_body(int status) noexcept { return status < 200 || status == 204 || status == 304; }

}  // namespace driftstack::kernel
