/// The tables behind described shapes: what the templates of `wire.hpp` are erased to, and what the one interpreter reads.
///
/// Purpose: a shape costs data, not code. Authors of shapes include `wire.hpp` and need nothing from here.
/// Ownership: every table is constexpr with static storage. Thread: [any-thread].
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "driftstack/support/issues.hpp"
#include "driftstack/support/pattern.hpp"

namespace driftstack::wire {

enum class Kind : std::uint8_t { boolean, integer, real, string, enumeration, text, bytes, json, optional, list, map, object, choice };

/// A set of kinds, one bit each.
using KindSet = std::uint32_t;
constexpr KindSet kinds(Kind kind) noexcept { return KindSet{1} << static_cast<unsigned>(kind); }
template <class... K>
constexpr KindSet kinds(Kind first, K... more) noexcept {
  return kinds(first) | (kinds(more) | ...);
}

/// Bounds and checks of one value. What `low` and `high` count follows from the kind: code points of a string or own text type,
/// bytes of `Bytes` and of compact `Json`, items of a list or map, the value itself for an integer.
struct Rules {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  double least = -std::numeric_limits<double>::infinity();  // numbers with a fraction
  double most = std::numeric_limits<double>::infinity();
  const Pattern* pattern = nullptr;
  bool has_pattern = false;  // said apart: g++ 12 with UBSan cannot compare the pointer while compiling
  bool trimmed = false;      // white space at both ends is cut before the checks
  bool unique = false;       // no two items of a list are the same
  bool json_object = false;  // raw JSON must be an object

  [[nodiscard]] constexpr bool has_low() const noexcept { return low != std::numeric_limits<std::int64_t>::min(); }
  [[nodiscard]] constexpr bool has_high() const noexcept { return high != std::numeric_limits<std::int64_t>::max(); }
};

struct Type;

/// One member of an object.
struct Field {
  std::string_view name;
  std::string_view doc;
  const Type* type = nullptr;
  void* (*at)(void* object) noexcept = nullptr;  // the only code per field: one address
  Rules rules;                                   // of the value, inside its optionals
  Rules item_rules;                              // of a list's items and a map's values
  Rules key_rules;                               // of a map's keys
  bool may_be_absent = false;
  bool nullable = false;
  bool omitted_when_empty = false;  // an empty optional is written as no key; otherwise as null
  bool has_default = false;         // the member's initialiser is the published default
  bool secret = false;              // read, never written
};

struct EnumName {
  std::string_view text;
  std::int64_t value = 0;
};

/// One struct that a choice can hold.
struct Alternative {
  std::string_view tag;
  const Type* type = nullptr;
  void* (*emplace)(void* variant) = nullptr;
  const void* (*get)(const void* variant) noexcept = nullptr;  // null when another alternative is held
};

/// What a value looks like. Which members are set follows from `kind`.
struct Type {
  Kind kind = Kind::object;
  std::uint8_t width = 0;  // bytes of an integer or enumeration
  bool is_signed = false;
  bool strict = false;  // an object that refuses unknown keys
  bool secret = false;  // an own text type that must not be shown
  std::string_view doc;
  std::string_view format;    // own text type: the schema's `format`
  std::string_view source;    // own text type: the schema's `pattern`
  std::string_view expected;  // own text type: follows "must be" in a message
  std::string_view tag_key;   // choice: the key that names the alternative
  const Type* inner = nullptr;
  std::span<const Field> fields;
  std::span<const EnumName> names;
  std::span<const Alternative> alternatives;

  void* (*add)(void* container, std::string_view key) = nullptr;  // optional, list, map: makes room for one more and returns it
  void (*clear)(void* container) = nullptr;
  std::size_t (*size)(const void* container) noexcept = nullptr;
  const void* (*get)(const void* container, std::size_t index) noexcept = nullptr;
  void (*each)(const void* map, void* context, void (*visit)(void* context, std::string_view key, const void* value)) = nullptr;
  bool (*parse)(void* value, std::string_view text) = nullptr;
  void (*print)(const void* value, std::string& out) = nullptr;
  void (*check)(const void* object, Issues& issues) = nullptr;
  void (*show_default)(void* context, void (*visit)(void* context, const void* object)) = nullptr;
};

/// How reading ended: 2xx, `bad-request`, or `validation-failed` with issues.
enum class Outcome : std::uint8_t { ok, not_json, invalid };

namespace detail {
[[nodiscard]] Outcome read(std::string_view body, const Type& type, void* value, Issues& issues);
[[nodiscard]] Outcome read_query(std::string_view query, const Type& type, void* value, Issues& issues);
void write(const Type& type, const void* value, std::string& out);
[[nodiscard]] std::string schema(const Type& type);
}  // namespace detail

}  // namespace driftstack::wire
