// The interpreter's reading half: tokens and tables in, values and issues out.

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/utf8.hpp"
#include "driftstack/support/wire.hpp"

#include "json_tape.hpp"
#include "wire_value.hpp"

namespace driftstack::wire::detail {
namespace {

constexpr Rules kNoRules{};

// The rules that travel with a value: its own, and those of what it holds.
struct RuleView {
  const Rules* own = &kNoRules;
  const Rules* items = &kNoRules;
  const Rules* keys = &kNoRules;
};

std::string listed(std::string intro, std::span<const EnumName> names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) intro += ", ";
    intro += names[i].text;
  }
  return intro;
}

std::string counted(std::int64_t count, std::string_view unit) {
  return std::to_string(count) + ' ' + std::string(unit) + (count == 1 ? "" : "s");
}

std::string_view kind_message(Kind kind) noexcept {
  switch (kind) {
    case Kind::boolean:
      return "must be true or false";
    case Kind::integer:
      return "must be an integer";
    case Kind::real:
      return "must be a number";
    case Kind::list:
      return "must be a list";
    case Kind::map:
    case Kind::object:
    case Kind::choice:
      return "must be an object";
    default:
      return "must be a string";
  }
}

class Reader {
 public:
  Reader(const Tape& tape, Issues& issues) noexcept : tape_(tape), issues_(issues) {}

  void value(const Type& type, RuleView rules, void* to, std::uint32_t at, const PathFrame* place) {
    const Token& token = tape_[at];
    if (token.kind == JsonKind::null && type.kind != Kind::json) return issues_.add_at(place, IssueCode::null, "must not be null");
    if (type.kind == Kind::optional) return value(*type.inner, rules, type.add(to, {}), at, place);
    switch (type.kind) {
      case Kind::boolean:
        return boolean(to, token, place);
      case Kind::integer:
        return integer(type, *rules.own, to, token, place);
      case Kind::real:
        return real(*rules.own, to, token, place);
      case Kind::json:
        return json(*rules.own, to, at, place);
      case Kind::list:
        return list(type, rules, to, at, place);
      case Kind::map:
        return map(type, rules, to, at, place);
      case Kind::object:
        return object(type, {}, to, at, place);
      case Kind::choice:
        return choice(type, to, at, place);
      default:
        return text(type, *rules.own, to, token, place);
    }
  }

  // One member whose key is there.
  void member(const Field& field, void* object, std::uint32_t at, const PathFrame* place) {
    void* const to = field.at(object);
    if (tape_[at].kind == JsonKind::null && field.nullable) {
      field.type->clear(to);
      if (field.type->inner->kind == Kind::optional) field.type->add(to, {});
      return;
    }
    value(*field.type, RuleView{&field.rules, &field.item_rules, &field.key_rules}, to, at, place);
  }

  // Each required field whose bit is not in `seen`.
  void report_missing(const Type& type, std::uint64_t seen, const PathFrame* place) {
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
      if ((seen >> i & 1) != 0 || type.fields[i].may_be_absent) continue;
      const PathFrame here{place, type.fields[i].name, 0, false};
      issues_.add_at(&here, IssueCode::required, "is required");
    }
  }

 private:
  void wrong_type(const Type& type, const PathFrame* place) {
    issues_.add_at(place, IssueCode::type, std::string(kind_message(type.kind)));
  }

  void boolean(void* to, const Token& token, const PathFrame* place) {
    if (token.kind != JsonKind::boolean) {
      issues_.add_at(place, IssueCode::type, std::string(kind_message(Kind::boolean)));
      return;
    }
    *static_cast<bool*>(to) = token.truth;
  }

  void integer(const Type& type, const Rules& rules, void* to, const Token& token, const PathFrame* place) {
    if (token.kind != JsonKind::number) return wrong_type(type, place);
    const Integer number = integer_of(tape_.text(token), type.is_signed ? IntegerSet::int64 : IntegerSet::uint64);
    if (number.kind == Integer::Kind::fraction) return wrong_type(type, place);
    const IntegerRange range = range_of(type, rules);
    const bool below =
        number.kind == Integer::Kind::too_small || (type.is_signed ? number.value < range.low : number.unsigned_value < range.unsigned_low);
    const bool above =
        number.kind == Integer::Kind::too_big || (type.is_signed ? number.value > range.high : number.unsigned_value > range.unsigned_high);
    if (below || above) {
      const std::string bound = below ? range.low_text(type.is_signed) : range.high_text(type.is_signed);
      issues_.add_at(place, below ? IssueCode::too_small : IssueCode::too_big, (below ? "must be at least " : "must be at most ") + bound);
      return;
    }
    store_integer(type, to, type.is_signed ? static_cast<std::uint64_t>(number.value) : number.unsigned_value);
  }

  void real(const Rules& rules, void* to, const Token& token, const PathFrame* place) {
    if (token.kind != JsonKind::number) {
      issues_.add_at(place, IssueCode::type, std::string(kind_message(Kind::real)));
      return;
    }
    const double number = double_of(tape_.text(token));
    if (number < rules.least) {
      issues_.add_at(place, IssueCode::too_small, "must be at least " + number_text(rules.least));
    } else if (number > rules.most) {
      issues_.add_at(place, IssueCode::too_big, "must be at most " + number_text(rules.most));
    } else {
      *static_cast<double*>(to) = number;
    }
  }

  // Length of text or bytes.
  bool length_fits(const Rules& rules, std::size_t length, std::string_view unit, const PathFrame* place) {
    const auto size = static_cast<std::int64_t>(length);
    if (size >= rules.low && size <= rules.high) return true;
    const bool is_short = size < rules.low;
    const std::string bound = is_short ? "at least " + counted(rules.low, unit) : "at most " + counted(rules.high, unit);
    issues_.add_at(place, is_short ? IssueCode::too_short : IssueCode::too_long, "must be " + bound + " long");
    return false;
  }

  bool count_fits(const Rules& rules, std::size_t count, const PathFrame* place) {
    const auto size = static_cast<std::int64_t>(count);
    if (size >= rules.low && size <= rules.high) return true;
    const bool is_few = size < rules.low;
    const std::string bound = is_few ? "at least " + counted(rules.low, "item") : "at most " + counted(rules.high, "item");
    issues_.add_at(place, is_few ? IssueCode::too_few : IssueCode::too_many, "must hold " + bound);
    return false;
  }

  bool text_fits(const Rules& rules, std::string_view text, const PathFrame* place) {
    if ((rules.has_low() || rules.has_high()) && !length_fits(rules, count_code_points(text), "character", place)) return false;
    if (rules.pattern == nullptr || rules.pattern->matches(text)) return true;
    issues_.add_at(place, IssueCode::pattern, "must be " + std::string(rules.pattern->expected));
    return false;
  }

  void text(const Type& type, const Rules& rules, void* to, const Token& token, const PathFrame* place) {
    if (token.kind != JsonKind::string) return wrong_type(type, place);
    std::string_view received = tape_.text(token);
    if (rules.trimmed) received = trim(received);
    if (type.kind == Kind::enumeration) {
      const std::optional<std::int64_t> value = enum_value(type.names, received);
      if (value) {
        store_integer(type, to, static_cast<std::uint64_t>(*value));
      } else {
        issues_.add_at(place, IssueCode::enumeration, listed("must be one of: ", type.names));
      }
      return;
    }
    if (type.kind == Kind::bytes) return bytes(rules, to, received, place);
    if (!text_fits(rules, received, place)) return;
    if (type.kind == Kind::string) {
      static_cast<std::string*>(to)->assign(received);
    } else if (!type.parse(to, received)) {
      issues_.add_at(place, IssueCode::format,
                     "must be " + (type.expected.empty() ? "a valid " + std::string(type.format) : std::string(type.expected)));
    }
  }

  void bytes(const Rules& rules, void* to, std::string_view received, const PathFrame* place) {
    std::optional<std::string> decoded = base64_decode(received);
    if (!decoded) {
      issues_.add_at(place, IssueCode::format, "must be base64 with padding");
      return;
    }
    if (length_fits(rules, decoded->size(), "byte", place)) static_cast<Bytes*>(to)->data = std::move(*decoded);
  }

  void json(const Rules& rules, void* to, std::uint32_t at, const PathFrame* place) {
    if (rules.json_object && tape_[at].kind != JsonKind::object) {
      issues_.add_at(place, IssueCode::type, std::string(kind_message(Kind::object)));
      return;
    }
    std::string compact;
    append_compact(tape_, at, compact);
    if (length_fits(rules, compact.size(), "byte", place)) *static_cast<Json*>(to) = Json::from_compact(std::move(compact));
  }

  void list(const Type& type, RuleView rules, void* to, std::uint32_t at, const PathFrame* place) {
    const Token& token = tape_[at];
    if (token.kind != JsonKind::array) return wrong_type(type, place);
    if (!count_fits(*rules.own, token.size, place)) return;
    type.clear(to);
    const std::size_t before = issues_.size();
    std::uint32_t item = at + 1;
    for (std::uint32_t i = 0; i < token.size && !issues_.full(); ++i) {
      const PathFrame here{place, {}, i, true};
      value(*type.inner, RuleView{rules.items, &kNoRules, &kNoRules}, type.add(to, {}), item, &here);
      item = tape_[item].next;
    }
    if (rules.own->unique && issues_.size() == before) find_duplicates(type, to, place);
  }

  // Two items are the same when they are written the same.
  void find_duplicates(const Type& type, const void* list, const PathFrame* place) {
    std::vector<std::pair<std::string, std::size_t>> written(type.size(list));
    for (std::size_t i = 0; i < written.size(); ++i) {
      write(*type.inner, type.get(list, i), written[i].first);
      written[i].second = i;
    }
    std::sort(written.begin(), written.end());
    for (std::size_t i = 1; i < written.size(); ++i) {
      if (written[i].first != written[i - 1].first) continue;
      const PathFrame here{place, {}, written[i].second, true};
      issues_.add_at(&here, IssueCode::duplicate_item, "must not repeat an earlier item");
    }
  }

  void map(const Type& type, RuleView rules, void* to, std::uint32_t at, const PathFrame* place) {
    const Token& token = tape_[at];
    if (token.kind != JsonKind::object) return wrong_type(type, place);
    if (!count_fits(*rules.own, token.size, place)) return;
    type.clear(to);
    std::uint32_t key = at + 1;
    for (std::uint32_t i = 0; i < token.size && !issues_.full(); ++i) {
      const std::string_view name = tape_.text(tape_[key]);
      const PathFrame here{place, name, 0, false};
      if (text_fits(*rules.keys, name, &here))
        value(*type.inner, RuleView{rules.items, &kNoRules, &kNoRules}, type.add(to, name), key + 1, &here);
      key = tape_[key + 1].next;
    }
  }

  void object(const Type& type, std::string_view tag_key, void* to, std::uint32_t at, const PathFrame* place) {
    const Token& token = tape_[at];
    if (token.kind != JsonKind::object) return wrong_type(type, place);
    const std::size_t before = issues_.size();
    std::uint64_t seen = 0;
    std::size_t expected = 0;  // clients mostly send the keys in our order
    std::uint32_t key = at + 1;
    for (std::uint32_t i = 0; i < token.size && !issues_.full(); ++i) {
      const std::string_view name = tape_.text(tape_[key]);
      const PathFrame here{place, name, 0, false};
      const std::size_t index = field_index(type, name, expected);
      if (index < type.fields.size()) {
        seen |= std::uint64_t{1} << index;
        expected = index + 1;
        member(type.fields[index], to, key + 1, &here);
      } else if (type.strict && name != tag_key) {
        issues_.add_at(&here, IssueCode::unknown_key, "is not a known key");
      }
      key = tape_[key + 1].next;
    }
    report_missing(type, seen, place);
    if (type.check != nullptr && issues_.size() == before && !issues_.full()) {
      const Issues::Scope scope(issues_, place);
      type.check(to, issues_);
    }
  }

  static std::size_t field_index(const Type& type, std::string_view name, std::size_t expected) noexcept {
    const std::size_t count = type.fields.size();
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t index = expected + i;
      if (index >= count) index -= count;
      if (type.fields[index].name == name) return index;
    }
    return count;
  }

  void choice(const Type& type, void* to, std::uint32_t at, const PathFrame* place) {
    const Token& token = tape_[at];
    if (token.kind != JsonKind::object) return wrong_type(type, place);
    const PathFrame tag_place{place, type.tag_key, 0, false};
    std::uint32_t key = at + 1;
    std::uint32_t left = token.size;
    while (left != 0 && tape_.text(tape_[key]) != type.tag_key) {
      key = tape_[key + 1].next;
      --left;
    }
    if (left == 0) return issues_.add_at(&tag_place, IssueCode::required, "is required");
    const Token& tag = tape_[key + 1];
    if (tag.kind != JsonKind::string) return issues_.add_at(&tag_place, IssueCode::type, "must be a string");
    for (const Alternative& alternative : type.alternatives) {
      if (alternative.tag == tape_.text(tag)) return object(*alternative.type, type.tag_key, alternative.emplace(to), at, place);
    }
    std::string message = "must be one of: ";
    for (const Alternative& alternative : type.alternatives) {
      if (&alternative != type.alternatives.data()) message += ", ";
      message += alternative.tag;
    }
    issues_.add_at(&tag_place, IssueCode::enumeration, std::move(message));
  }

  const Tape& tape_;
  Issues& issues_;
};

}  // namespace

Outcome read(std::string_view body, const Type& type, void* value, Issues& issues) {
  Tape tape;
  const ScanFault fault = tape.scan(body);
  if (fault != ScanFault::none) {
    issues.add_at(nullptr, IssueCode::not_json,
                  "is not valid JSON: " + std::string(scan_fault_text(fault)) + " (byte " + std::to_string(tape.fault_offset()) + ")");
    return Outcome::not_json;
  }
  const std::size_t before = issues.size();
  Reader(tape, issues).value(type, RuleView{}, value, 0, nullptr);
  return issues.size() == before && !issues.full() ? Outcome::ok : Outcome::invalid;
}

void read_parameter(const Field& field, void* object, const Tape& tape, Issues& issues) {
  const PathFrame place{nullptr, field.name, 0, false};
  Reader(tape, issues).member(field, object, 0, &place);
}

void report_missing(const Type& type, std::uint64_t seen, Issues& issues) {
  const Tape none;
  Reader(none, issues).report_missing(type, seen, nullptr);
}

}  // namespace driftstack::wire::detail
