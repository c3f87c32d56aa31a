#pragma once
// Why an own parser and not Beast's: Beast accepts more than one reading of some heads (repeated equal lengths, bare LF by option, folded
// lines, chunk extensions), so a strict scan over the raw bytes would have to come first. That scan already finds every name and
// value; what is left of a parser is the table of rules below. It allocates nothing and needs no Boost header.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "driftstack/http.hpp"

namespace driftstack::kernel {

/// Limits of a request head. Every number may be lowered in tests.
struct HeadLimits {
  std::size_t line = 8 * 1024;    ///< bytes of one line; RFC 9110 section 4.1 asks for 8,000 in a request line
  std::size_t total = 32 * 1024;  ///< bytes of all lines
  std::size_t headers = 100;      ///< lines after the first
};

/// How the body of a request is delimited. Decided once, here.
enum class Framing : std::uint8_t { none, length, chunked };

/// A request head. Views point into the text that was parsed.
struct RequestHead {
  std::string_view method;
  std::string_view target;  ///< origin form
  std::string_view host;
  std::vector<HeaderView> headers;
  Framing framing = Framing::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;  ///< HTTP/1.1 without `Connection: close`
  bool http_1_0 = false;
  bool expects_continue = false;
};

enum class HeadState : std::uint8_t { incomplete, complete, bad };

/// Reads one request head, strictly: whatever two readers could understand differently is bad. Reused for all requests of a connection.
class HeadParser {
 public:
  explicit HeadParser(const HeadLimits& limits) : limits_(limits) {}

  /// `text` is everything received since the head began; a later call passes the same text and more. Bytes behind the head are not looked
  /// at.
  HeadState parse(std::string_view text);
  /// Only after `complete`; valid while the parsed text stays where it is.
  const RequestHead& head() const noexcept { return head_; }
  /// Bytes of the head with its blank line. Only after `complete`.
  std::size_t size() const noexcept { return scanned_; }
  /// Why the head is bad: a sentence for the client that repeats nothing it sent. Only after `bad`.
  std::string_view problem() const noexcept { return problem_; }
  /// Ready for the next head.
  void reset() noexcept;

 private:
  HeadState bad(std::string_view problem) noexcept;
  bool read_lines(std::string_view text);
  bool read_request_line(std::string_view line);
  bool read_header(std::string_view line);
  bool note(std::string_view name, std::string_view value);
  bool note_length(std::string_view value);
  bool note_encoding(std::string_view value);
  bool note_host(std::string_view value);
  bool note_connection(std::string_view value);
  bool conclude();
  bool fail(std::string_view problem) noexcept;

  HeadLimits limits_;
  RequestHead head_;
  std::string_view problem_;
  std::size_t scanned_ = 0;  ///< bytes whose line ends were checked; the start of the line that is not complete yet
  std::size_t lines_ = 0;    ///< complete lines
  bool has_length_ = false;
  bool has_encoding_ = false;
  bool has_host_ = false;
};

}  // namespace driftstack::kernel
