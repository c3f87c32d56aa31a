#include "json_tape.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "driftstack/support/utf8.hpp"

namespace driftstack::wire::detail {
namespace {

constexpr std::size_t kFirstTokens = 32;           // measured: covers the usual body without growing
constexpr std::size_t kMostReservedTokens = 4096;  // a large body grows from here
constexpr std::size_t kBytesPerToken = 12;         // typical body; only a guess for the first reservation
constexpr std::uint32_t kPairwiseKeys = 12;        // measured: comparing all pairs beats sorting up to here

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr std::uint64_t every_byte(std::uint8_t b) noexcept { return 0x0101010101010101U * b; }

// The first byte at or after `p` that is not printable ASCII, or is a quote or backslash.
const char* skip_plain(const char* p, const char* end) noexcept {
  static_assert(std::endian::native == std::endian::little, "the lowest marked byte must be the first in memory");
  constexpr std::uint64_t kHigh = every_byte(0x80);
  while (end - p >= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, sizeof word);
    const std::uint64_t quote = word ^ every_byte('"');
    const std::uint64_t slash = word ^ every_byte('\\');
    std::uint64_t stop = word;                  // not ASCII
    stop |= (word - every_byte(0x20)) & ~word;  // control character
    stop |= (quote - every_byte(1)) & ~quote;   // a zero byte marks the quote
    stop |= (slash - every_byte(1)) & ~slash;
    stop &= kHigh;
    if (stop != 0) return p + std::countr_zero(stop) / 8;  // borrows only disturb bytes after the first mark
    p += 8;
  }
  while (p != end && static_cast<unsigned char>(*p) >= 0x20 && static_cast<unsigned char>(*p) < 0x80 && *p != '"' && *p != '\\') ++p;
  return p;
}

}  // namespace

class Scanner {
 public:
  Scanner(std::string_view body, Tape& tape) noexcept
      : tape_(tape), begin_(body.data()), p_(body.data()), end_(body.data() + body.size()) {}

  ScanFault run() {
    skip_space();
    if (p_ == end_) return ScanFault::empty;
    if (!value(0)) return fault_;
    skip_space();
    if (p_ != end_) return ScanFault::trailing_bytes;
    return ScanFault::none;
  }

  [[nodiscard]] std::size_t offset() const noexcept { return static_cast<std::size_t>(p_ - begin_); }

 private:
  bool fail(ScanFault fault) noexcept {
    fault_ = fault;
    return false;
  }

  void skip_space() noexcept {
    while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
  }

  [[nodiscard]] bool next_is(char c) noexcept {
    if (p_ == end_ || *p_ != c) return false;
    ++p_;
    return true;
  }

  bool value(std::size_t depth) {
    if (p_ == end_) return fail(ScanFault::syntax);
    switch (*p_) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return string();
      case 't':
        return word("true", JsonKind::boolean, true);
      case 'f':
        return word("false", JsonKind::boolean, false);
      case 'n':
        return word("null", JsonKind::null, false);
      default:
        return number();
    }
  }

  bool add(Token token) {
    if (tape_.tokens_.size() >= kMaxJsonTokens) return fail(ScanFault::too_many_tokens);
    token.next = static_cast<std::uint32_t>(tape_.tokens_.size()) + 1;
    tape_.tokens_.push_back(token);
    return true;
  }

  bool word(std::string_view text, JsonKind kind, bool truth) {
    if (static_cast<std::size_t>(end_ - p_) < text.size() || std::string_view(p_, text.size()) != text) return fail(ScanFault::syntax);
    p_ += text.size();
    Token token;
    token.kind = kind;
    token.truth = truth;
    return add(token);
  }

  bool number() {
    const char* const from = p_;
    if (p_ != end_ && *p_ == '-') ++p_;
    if (p_ == end_ || !is_digit(*p_)) return fail(p_ == from ? ScanFault::syntax : ScanFault::bad_number);
    if (*p_ == '0') {
      ++p_;
    } else {
      skip_digits();
    }
    if (p_ != end_ && *p_ == '.') {
      ++p_;
      if (!skip_digits()) return fail(ScanFault::bad_number);
    }
    bool has_exponent = false;
    if (p_ != end_ && (*p_ == 'e' || *p_ == 'E')) {
      has_exponent = true;
      ++p_;
      if (p_ != end_ && (*p_ == '+' || *p_ == '-')) ++p_;
      if (!skip_digits()) return fail(ScanFault::bad_number);
    }
    const std::string_view text(from, static_cast<std::size_t>(p_ - from));
    if (text.size() > kMaxJsonNumberLength) return fail(ScanFault::number_range);
    // 64 digits without an exponent are far below the largest double.
    if (has_exponent && std::isinf(double_of(text))) return fail(ScanFault::number_range);
    Token token;
    token.kind = JsonKind::number;
    token.start = static_cast<std::uint32_t>(from - begin_);
    token.size = static_cast<std::uint32_t>(text.size());
    return add(token);
  }

  bool skip_digits() noexcept {
    const char* const from = p_;
    while (p_ != end_ && is_digit(*p_)) ++p_;
    return p_ != from;
  }

  bool string() {
    ++p_;  // the quote
    const char* const from = p_;
    p_ = skip_plain(p_, end_);
    while (p_ != end_ && static_cast<unsigned char>(*p_) >= 0x80) {
      if (!utf8()) return false;
      p_ = skip_plain(p_, end_);
    }
    Token token;
    token.kind = JsonKind::string;
    if (p_ != end_ && *p_ == '"') {
      token.start = static_cast<std::uint32_t>(from - begin_);
      token.size = static_cast<std::uint32_t>(p_ - from);
      ++p_;
      return add(token);
    }
    token.in_arena = true;
    token.start = static_cast<std::uint32_t>(tape_.arena_.size());
    tape_.arena_.append(from, p_);
    if (!string_with_escapes()) return false;
    token.size = static_cast<std::uint32_t>(tape_.arena_.size()) - token.start;
    return add(token);
  }

  // Continues a string into the arena, up to and over its closing quote.
  bool string_with_escapes() {
    for (;;) {
      const char* const from = p_;
      p_ = skip_plain(p_, end_);
      tape_.arena_.append(from, p_);
      if (p_ == end_) return fail(ScanFault::syntax);
      if (*p_ == '"') {
        ++p_;
        return true;
      }
      if (*p_ == '\\') {
        ScanFault fault = ScanFault::none;
        const std::size_t taken = decode_escape(std::string_view(p_, static_cast<std::size_t>(end_ - p_)), tape_.arena_, fault);
        if (taken == 0) return fail(fault);
        p_ += taken;
        continue;
      }
      if (static_cast<unsigned char>(*p_) < 0x20) return fail(*p_ == '\0' ? ScanFault::nul_character : ScanFault::control_character);
      const char* const sequence = p_;
      if (!utf8()) return false;
      tape_.arena_.append(sequence, p_);
    }
  }

  bool utf8() noexcept {
    const std::size_t length = utf8_sequence_length(std::string_view(p_, static_cast<std::size_t>(end_ - p_)));
    if (length == 0) return fail(ScanFault::bad_utf8);
    p_ += length;
    return true;
  }

  bool array(std::size_t depth) {
    if (depth >= kMaxJsonDepth) return fail(ScanFault::too_deep);
    const std::size_t self = tape_.tokens_.size();
    if (!open(JsonKind::array)) return false;
    std::uint32_t count = 0;
    skip_space();
    if (!next_is(']')) {
      do {
        skip_space();
        if (!value(depth + 1)) return false;
        ++count;
        skip_space();
      } while (next_is(','));
      if (!next_is(']')) return fail(ScanFault::syntax);
    }
    close(self, count);
    return true;
  }

  bool object(std::size_t depth) {
    if (depth >= kMaxJsonDepth) return fail(ScanFault::too_deep);
    const std::size_t self = tape_.tokens_.size();
    if (!open(JsonKind::object)) return false;
    std::uint32_t count = 0;
    skip_space();
    if (!next_is('}')) {
      do {
        skip_space();
        if (p_ == end_ || *p_ != '"') return fail(ScanFault::syntax);
        if (!string()) return false;
        skip_space();
        if (!next_is(':')) return fail(ScanFault::syntax);
        skip_space();
        if (!value(depth + 1)) return false;
        ++count;
        skip_space();
      } while (next_is(','));
      if (!next_is('}')) return fail(ScanFault::syntax);
    }
    close(self, count);
    return !has_duplicate_key(self, count) || fail(ScanFault::duplicate_key);
  }

  bool open(JsonKind kind) {
    ++p_;  // the bracket
    Token token;
    token.kind = kind;
    return add(token);
  }

  void close(std::size_t self, std::uint32_t count) noexcept {
    tape_.tokens_[self].size = count;
    tape_.tokens_[self].next = static_cast<std::uint32_t>(tape_.tokens_.size());
  }

  [[nodiscard]] bool has_duplicate_key(std::size_t self, std::uint32_t count) const {
    if (count < 2) return false;
    return count <= kPairwiseKeys ? has_equal_pair(self, count) : has_equal_neighbours_when_sorted(self, count);
  }

  template <class Visit>
  void each_key(std::size_t self, std::uint32_t count, Visit visit) const {
    std::uint32_t at = static_cast<std::uint32_t>(self) + 1;
    for (std::uint32_t i = 0; i < count; ++i) {
      visit(i, tape_.text(tape_[at]));
      at = tape_[at + 1].next;
    }
  }

  [[nodiscard]] bool has_equal_pair(std::size_t self, std::uint32_t count) const noexcept {
    std::string_view keys[kPairwiseKeys];
    bool found = false;
    each_key(self, count, [&](std::uint32_t i, std::string_view key) {
      keys[i] = key;
      for (std::uint32_t k = 0; k < i; ++k) found = found || (keys[k].size() == key.size() && keys[k] == key);
    });
    return found;
  }

  [[nodiscard]] bool has_equal_neighbours_when_sorted(std::size_t self, std::uint32_t count) const {
    std::vector<std::string_view> keys(count);
    each_key(self, count, [&](std::uint32_t i, std::string_view key) { keys[i] = key; });
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
  }

  Tape& tape_;
  const char* begin_;
  const char* p_;
  const char* end_;
  ScanFault fault_ = ScanFault::none;
};

ScanFault Tape::scan(std::string_view body) {
  body_ = body;
  tokens_.clear();
  arena_.clear();
  if (body.size() > std::numeric_limits<std::uint32_t>::max()) return ScanFault::too_large;
  tokens_.reserve(std::clamp(body.size() / kBytesPerToken, kFirstTokens, kMostReservedTokens));
  Scanner scanner(body, *this);
  const ScanFault fault = scanner.run();
  fault_offset_ = scanner.offset();
  return fault;
}

void Tape::hold(JsonKind kind, std::string_view text, bool truth) {
  body_ = text;
  tokens_.clear();
  Token token;
  token.kind = kind;
  token.truth = truth;
  token.size = static_cast<std::uint32_t>(text.size());
  token.next = 1;
  tokens_.push_back(token);
}

std::string_view scan_fault_text(ScanFault fault) noexcept {
  static_assert(kMaxJsonDepth == 64 && kMaxJsonTokens == 100'000, "the texts below name these bounds");
  switch (fault) {
    case ScanFault::none:
      return "no fault";
    case ScanFault::empty:
      return "the text is empty";
    case ScanFault::too_large:
      return "the text is larger than 4 GiB";
    case ScanFault::syntax:
      return "a value, comma, colon or bracket is missing or misplaced";
    case ScanFault::bad_utf8:
      return "a string is not valid UTF-8";
    case ScanFault::nul_character:
      return "a string holds U+0000";
    case ScanFault::control_character:
      return "a string holds a control character that is not escaped";
    case ScanFault::bad_escape:
      return "a string holds an unknown escape";
    case ScanFault::lone_surrogate:
      return "a string holds half of a surrogate pair";
    case ScanFault::bad_number:
      return "a number is malformed";
    case ScanFault::number_range:
      return "a number is too long or too large";
    case ScanFault::too_deep:
      return "the nesting is deeper than 64";
    case ScanFault::too_many_tokens:
      return "there are more than 100000 keys and values";
    case ScanFault::duplicate_key:
      return "an object holds the same key twice";
    case ScanFault::trailing_bytes:
      return "there are bytes after the value";
  }
  return "unknown fault";
}

void append_compact(const Tape& tape, std::uint32_t index, std::string& out) {
  const Token& token = tape[index];
  switch (token.kind) {
    case JsonKind::null:
      out += "null";
      return;
    case JsonKind::boolean:
      out += token.truth ? "true" : "false";
      return;
    case JsonKind::number:
      out += tape.text(token);
      return;
    case JsonKind::string:
      append_json_string(out, tape.text(token));
      return;
    case JsonKind::array:
    case JsonKind::object:
      break;
  }
  const bool is_object = token.kind == JsonKind::object;
  out += is_object ? '{' : '[';
  std::uint32_t at = index + 1;
  for (std::uint32_t i = 0; i < token.size; ++i) {
    if (i != 0) out += ',';
    if (is_object) {
      append_json_string(out, tape.text(tape[at++]));
      out += ':';
    }
    append_compact(tape, at, out);
    at = tape[at].next;
  }
  out += is_object ? '}' : ']';
}

}  // namespace driftstack::wire::detail
