#include "kernel/pipeline/canonical_path.hpp"

#include "driftstack/support/utf8.hpp"

namespace driftstack::kernel {
namespace {

constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// RFC 3986 section 2.3.
constexpr bool is_unreserved(unsigned char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

/// RFC 3986 section 3.3: what a segment may hold unencoded, beside unreserved characters.
constexpr bool is_segment_extra(unsigned char c) noexcept {
  return std::string_view("!$&'()*+,;=:@").find(static_cast<char>(c)) != std::string_view::npos;
}

Error refused(const char* what) { return Error(Errc::bad_request, std::string("The request path ") + what + "."); }

/// Checks one segment of the path; the empty text when it is fine, else what is wrong with it.
const char* fault_of_segment(std::string_view segment) noexcept {
  if (segment == "." || segment == "..") return "has a dot segment";
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const auto c = static_cast<unsigned char>(segment[i]);
    if (c == '%') {
      if (i + 2 >= segment.size()) return "has a broken percent-encoding";
      const int high = hex_digit(segment[i + 1]), low = hex_digit(segment[i + 2]);
      if (high < 0 || low < 0) return "has a broken percent-encoding";
      const auto decoded = static_cast<unsigned char>(high * 16 + low);
      if (decoded < 0x20 || decoded == 0x7f) return "has an encoded control character";
      if (is_unreserved(decoded)) return "encodes a character that needs no encoding";
      i += 2;
    } else if (!is_unreserved(c) && !is_segment_extra(c)) {
      return "has a character that must be percent-encoded";
    }
  }
  return nullptr;
}

}  // namespace

Result<CanonicalTarget> canonical_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return refused("must start with a slash");
  const auto mark = target.find('?');
  const auto path = target.substr(0, mark);
  const auto query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  for (const char c : query) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '#')
      return Error(Errc::bad_request, "The query has a character that must be percent-encoded.");
  }
  std::size_t begin = 1;
  while (begin < path.size()) {
    auto end = path.find('/', begin);
    if (end == std::string_view::npos) end = path.size();
    if (end == begin) return refused("has an empty segment");
    if (const char* fault = fault_of_segment(path.substr(begin, end - begin))) return refused(fault);
    begin = end + 1;
  }
  return CanonicalTarget{path, query};
}

bool decode_segment(std::string_view segment, std::string& out) {
  const auto start = out.size();
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] == '%') {
      out.push_back(static_cast<char>(hex_digit(segment[i + 1]) * 16 + hex_digit(segment[i + 2])));
      i += 2;
    } else {
      out.push_back(segment[i]);
    }
  }
  return is_valid_utf8(std::string_view(out).substr(start));
}

}  // namespace driftstack::kernel
