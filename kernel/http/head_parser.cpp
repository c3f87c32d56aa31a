#include "kernel/http/head_parser.hpp"

#include <array>
#include <cstring>

namespace driftstack::kernel {
namespace {

constexpr std::uint8_t kToken = 1;   // RFC 9110 section 5.6.2
constexpr std::uint8_t kTarget = 2;  // visible ASCII but `#`; the pipeline judges the path
constexpr std::uint8_t kValue = 4;   // visible, blank or obs-text, RFC 9110 section 5.5
constexpr std::uint8_t kHost = 8;    // names, addresses and a port

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    std::uint8_t bits = 0;
    if (alphanumeric || (c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos))
      bits |= kToken;
    if (c > 0x20 && c < 0x7F && c != '#') bits |= kTarget;
    if (c == '\t' || (c >= 0x20 && c != 0x7F)) bits |= kValue;
    if (alphanumeric || c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']') bits |= kHost;
    classes[c] = bits;
  }
  return classes;
}
constexpr auto kClasses = make_classes();

bool all_of(std::string_view text, std::uint8_t bit) noexcept {
  for (const char c : text)
    if ((kClasses[static_cast<unsigned char>(c)] & bit) == 0) return false;
  return true;
}

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same(std::string_view text, std::string_view lower_case) noexcept {
  if (text.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (lower(text[i]) != lower_case[i]) return false;
  return true;
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

constexpr std::size_t kLongestMethod = 32;  // the longest registered one has 17 (IANA HTTP method registry)
constexpr std::size_t kLengthDigits = 18;   // fits 63 bits

}  // namespace

void HeadParser::reset() noexcept {
  auto headers = std::move(head_.headers);  // its room is for the next head
  headers.clear();
  head_ = RequestHead();
  head_.headers = std::move(headers);
  problem_ = {};
  scanned_ = lines_ = 0;
  has_length_ = has_encoding_ = has_host_ = false;
}

bool HeadParser::fail(std::string_view problem) noexcept {
  problem_ = problem;
  return false;
}

HeadState HeadParser::bad(std::string_view problem) noexcept {
  problem_ = problem;
  return HeadState::bad;
}

HeadState HeadParser::parse(std::string_view text) {
  // First pass: line ends and limits, as far as the text goes. Nothing is kept but positions, because the text may still move.
  for (;;) {
    const std::string_view rest = text.substr(scanned_);
    const auto* found = static_cast<const char*>(rest.empty() ? nullptr : std::memchr(rest.data(), '\n', rest.size()));
    const std::size_t size = found != nullptr ? static_cast<std::size_t>(found - rest.data()) : rest.size();
    if (size > limits_.line) return bad(lines_ == 0 ? "The request line is too long." : "A header line is too long.");
    if (scanned_ + size > limits_.total) return bad("The request head is too large.");
    if (found == nullptr) return HeadState::incomplete;
    if (size == 0 || rest[size - 1] != '\r') return bad("Lines must end with CR LF.");
    scanned_ += size + 1;
    if (size == 1) break;
    if (++lines_ > limits_.headers + 1) return bad("The request has too many headers.");
  }
  if (lines_ == 0) return bad("The request line is empty.");
  return read_lines(text.substr(0, scanned_ - 2)) && conclude() ? HeadState::complete : HeadState::bad;
}

// Second pass over complete lines, each ending with CR LF.
bool HeadParser::read_lines(std::string_view text) {
  for (std::size_t at = 0, number = 0; at < text.size(); ++number) {
    const std::size_t end = text.find('\n', at);
    const std::string_view line = text.substr(at, end - 1 - at);
    if (number == 0 ? !read_request_line(line) : !read_header(line)) return false;
    at = end + 1;
  }
  return true;
}

bool HeadParser::read_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return fail("The request line is not `method target version`.");
  head_.method = line.substr(0, first);
  head_.target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (head_.method.empty() || head_.method.size() > kLongestMethod || !all_of(head_.method, kToken))
    return fail("The method is malformed.");
  if (!head_.target.starts_with('/')) return fail("The request target must be a path that starts with `/`.");
  if (!all_of(head_.target, kTarget)) return fail("The request target holds a character that must be percent-encoded.");
  if (version == "HTTP/1.0") {
    head_.http_1_0 = true;
    head_.keep_alive = false;
  } else if (version != "HTTP/1.1") {
    return fail("The HTTP version must be 1.1.");
  }
  return true;
}

bool HeadParser::read_header(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return fail("Folded header lines are not accepted.");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return fail("A header line is not `name: value`.");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!all_of(name, kToken)) return fail("A header name is malformed.");
  if (!all_of(value, kValue)) return fail("A header value holds a control character.");
  head_.headers.push_back(HeaderView{name, value});
  return note(name, value);
}

bool HeadParser::note(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4:
      return same(name, "host") ? note_host(value) : true;
    case 6:
      if (!same(name, "expect")) return true;
      if (!same(value, "100-continue")) return fail("The only expectation that can be met is 100-continue.");
      head_.expects_continue = !head_.http_1_0;  // RFC 9110 section 10.1.1
      return true;
    case 10:
      return same(name, "connection") ? note_connection(value) : true;
    case 14:
      return same(name, "content-length") ? note_length(value) : true;
    case 17:
      return same(name, "transfer-encoding") ? note_encoding(value) : true;
    default:
      return true;
  }
}

bool HeadParser::note_length(std::string_view value) {
  if (has_length_) return fail("Content-Length must occur once.");
  has_length_ = true;
  // One spelling per number: a list, a sign, or a leading zero that somebody reads as octal are ways to disagree about the end of a body.
  const bool plain = !value.empty() && value.size() <= kLengthDigits && (value.size() == 1 || value.front() != '0');
  if (!plain) return fail("Content-Length must be a plain decimal number.");
  for (const char c : value) {
    if (c < '0' || c > '9') return fail("Content-Length must be a plain decimal number.");
    head_.content_length = head_.content_length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return true;
}

bool HeadParser::note_encoding(std::string_view value) {
  if (has_encoding_) return fail("Transfer-Encoding must occur once.");
  has_encoding_ = true;
  return same(value, "chunked") || fail("The only transfer coding that is accepted is `chunked`.");
}

bool HeadParser::note_host(std::string_view value) {
  if (has_host_) return fail("Host must occur once.");
  has_host_ = true;
  head_.host = value;
  return (!value.empty() && all_of(value, kHost)) || fail("The Host header is malformed.");
}

bool HeadParser::note_connection(std::string_view value) {
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    const std::string_view option = trimmed(value.substr(0, comma));
    if (!all_of(option, kToken)) return fail("The Connection header is malformed.");
    if (same(option, "close")) head_.keep_alive = false;
    value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
  }
  return true;
}

bool HeadParser::conclude() {
  if (!has_host_ && !head_.http_1_0) return fail("The Host header is missing.");
  if (has_length_ && has_encoding_) return fail("Content-Length and Transfer-Encoding must not come together.");
  if (has_encoding_ && head_.http_1_0) return fail("HTTP/1.0 knows no transfer coding.");
  if (has_encoding_)
    head_.framing = Framing::chunked;
  else if (head_.content_length > 0)
    head_.framing = Framing::length;
  return true;
}

}  // namespace driftstack::kernel
