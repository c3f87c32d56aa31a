#include "driftstack/support/json.hpp"

#include <algorithm>

#include "json_tape.hpp"

namespace driftstack::wire {
namespace {

// All of these walk text that a `Json` made: valid and compact, so a missing bracket cannot happen.

std::size_t end_of_string(std::string_view text, std::size_t at) noexcept {
  ++at;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

std::size_t end_of_value(std::string_view text, std::size_t at) noexcept {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = end_of_string(text, at);
      if (depth == 0) return at;
      continue;
    }
    if (depth == 0 && (c == ',' || c == ']' || c == '}')) return at;
    if (c == '{' || c == '[') ++depth;
    ++at;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return at;
}

std::string decoded(std::string_view quoted) {
  std::string out;
  std::string_view rest = quoted.substr(1, quoted.size() - 2);
  while (!rest.empty()) {
    const std::size_t plain = std::min(rest.find('\\'), rest.size());
    out.append(rest.substr(0, plain));
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    detail::ScanFault fault = detail::ScanFault::none;
    const std::size_t taken = detail::decode_escape(rest, out, fault);
    if (taken == 0) break;
    rest.remove_prefix(taken);
  }
  return out;
}

// Calls `visit(key_text, value_text)` for each member until it returns false; `key_text` is empty for the items of an array.
template <class Visit>
void walk(std::string_view text, Visit visit) {
  const bool is_object = text[0] == '{';
  std::size_t at = 1;
  while (at < text.size() && text[at] != '}' && text[at] != ']') {
    std::string_view key;
    if (is_object) {
      const std::size_t end = end_of_string(text, at);
      key = text.substr(at, end - at);
      at = std::min(end + 1, text.size());  // the colon
    }
    const std::size_t end = end_of_value(text, at);
    if (!visit(key, text.substr(at, end - at))) return;
    at = end;
    if (at < text.size() && text[at] == ',') ++at;
  }
}

}  // namespace

JsonKind JsonView::kind() const noexcept {
  switch (text_.empty() ? 'n' : text_[0]) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::string;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      return JsonKind::number;
  }
}

std::optional<JsonView> JsonView::find(std::string_view key) const {
  if (!is_object()) return std::nullopt;
  std::string wanted;
  append_json_string(wanted, key);  // compact text spells each key in one way
  std::optional<JsonView> found;
  walk(text_, [&](std::string_view name, std::string_view value) {
    if (name != wanted) return true;
    found = JsonView(value);
    return false;
  });
  return found;
}

std::vector<JsonMember> JsonView::members() const {
  std::vector<JsonMember> all;
  if (!is_object()) return all;
  walk(text_, [&](std::string_view name, std::string_view value) {
    all.push_back(JsonMember{decoded(name), JsonView(value)});
    return true;
  });
  return all;
}

std::vector<JsonView> JsonView::elements() const {
  std::vector<JsonView> all;
  if (!is_array()) return all;
  walk(text_, [&](std::string_view, std::string_view value) {
    all.emplace_back(value);
    return true;
  });
  return all;
}

std::optional<std::string> JsonView::as_text() const {
  if (kind() != JsonKind::string) return std::nullopt;
  return decoded(text_);
}

std::optional<std::int64_t> JsonView::as_int() const {
  if (kind() != JsonKind::number) return std::nullopt;
  const detail::Integer integer = detail::integer_of(text_, detail::IntegerSet::int64);
  if (integer.kind != detail::Integer::Kind::fits) return std::nullopt;
  return integer.value;
}

std::optional<double> JsonView::as_double() const {
  if (kind() != JsonKind::number) return std::nullopt;
  return detail::double_of(text_);
}

std::optional<bool> JsonView::as_bool() const {
  if (kind() != JsonKind::boolean) return std::nullopt;
  return text_[0] == 't';
}

std::optional<Json> Json::parse(std::string_view text) {
  detail::Tape tape;
  if (tape.scan(text) != detail::ScanFault::none) return std::nullopt;
  std::string compact;
  compact.reserve(text.size());
  detail::append_compact(tape, 0, compact);
  return Json(std::move(compact));
}

Json Json::of_text(std::string_view content) {
  std::string quoted;
  append_json_string(quoted, content);
  return Json(std::move(quoted));
}

}  // namespace driftstack::wire
