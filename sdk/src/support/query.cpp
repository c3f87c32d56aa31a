#include "driftstack/support/query.hpp"

#include <algorithm>

#include "driftstack/support/hex.hpp"
#include "driftstack/support/utf8.hpp"

#include "json_tape.hpp"
#include "wire_value.hpp"

namespace driftstack::wire {

std::optional<std::string> decode_query_text(std::string_view encoded) {
  std::string text;
  text.reserve(encoded.size());
  while (!encoded.empty()) {
    if (encoded[0] != '%') {
      text += encoded[0] == '+' ? ' ' : encoded[0];
      encoded.remove_prefix(1);
      continue;
    }
    const auto byte = hex_decode(encoded.substr(1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    text += *byte;
    encoded.remove_prefix(3);
  }
  if (!is_valid_utf8(text) || text.find('\0') != std::string::npos) return std::nullopt;
  return text;
}

namespace detail {
namespace {

// Puts the parameter's text onto the tape as the token that the field's kind wants; anything else stays a string and is refused there.
void hold_parameter(Tape& tape, const Type& type, std::string_view text) {
  const Type* value = &type;
  while (value->kind == Kind::optional) value = value->inner;
  const bool is_whole = text.find_first_of(".eE") == std::string_view::npos;
  if (value->kind == Kind::boolean && (text == "true" || text == "false")) return tape.hold(JsonKind::boolean, text, text == "true");
  if (value->kind == Kind::integer && is_whole && is_json_number(text)) return tape.hold(JsonKind::number, text);
  if (value->kind == Kind::real && is_json_number(text)) return tape.hold(JsonKind::number, text);
  tape.hold(JsonKind::string, text);
}

class QueryReader {
 public:
  QueryReader(const Type& type, void* value, Issues& issues) noexcept : type_(type), value_(value), issues_(issues) {}

  void parameter(std::string_view pair) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::optional<std::string> key = decode_query_text(pair.substr(0, equals));
    if (!key) return;  // cannot be one of our keys
    const auto field = std::find_if(type_.fields.begin(), type_.fields.end(), [&](const Field& f) { return f.name == *key; });
    if (field == type_.fields.end()) return;
    const std::uint64_t bit = std::uint64_t{1} << (field - type_.fields.begin());
    if ((seen_ & bit) != 0) return issues_.add(field->name, IssueCode::duplicate_key, "must be given once");
    seen_ |= bit;
    const std::optional<std::string> text = decode_query_text(pair.substr(std::min(equals + 1, pair.size())));
    if (!text) return issues_.add(field->name, IssueCode::format, "must be percent-encoded UTF-8 text");
    Tape tape;
    hold_parameter(tape, *field->type, *text);
    read_parameter(*field, value_, tape, issues_);
  }

  void finish(std::size_t issues_before) {
    report_missing(type_, seen_, issues_);
    if (type_.check != nullptr && issues_.size() == issues_before && !issues_.full()) type_.check(value_, issues_);
  }

 private:
  const Type& type_;
  void* value_;
  Issues& issues_;
  std::uint64_t seen_ = 0;
};

}  // namespace

Outcome read_query(std::string_view query, const Type& type, void* value, Issues& issues) {
  const std::size_t before = issues.size();
  QueryReader reader(type, value, issues);
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    reader.parameter(query.substr(0, end));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  reader.finish(before);
  return issues.size() == before && !issues.full() ? Outcome::ok : Outcome::invalid;
}

}  // namespace detail
}  // namespace driftstack::wire
