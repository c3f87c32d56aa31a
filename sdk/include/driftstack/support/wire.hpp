/// Described shapes: one struct per JSON shape, read, written and published from one description.
///
/// Purpose: a body is parsed at the edge into a struct that cannot be wrong, and the OpenAPI text cannot drift from the code.
/// Ownership: values own their text. Thread: [any-thread]. Errors: `Issues`; nothing throws except allocation.
///
///     struct SessionCreate {
///       std::optional<std::string> label;
///       std::optional<wire::Json> metadata;
///       Behaviour behavioral_profile = Behaviour::regular;
///       static constexpr auto shape = wire::object(                                    // always the last member
///           wire::field<&SessionCreate::label>("label", wire::max_length(120), wire::doc("Shown in lists.")),
///           wire::field<&SessionCreate::metadata>("metadata", wire::json_object, wire::max_length(8192)),
///           wire::field<&SessionCreate::behavioral_profile>("behavioral_profile", wire::defaulted));
///     };
///     constexpr auto enum_names(Behaviour) {                                           // right after the enum, same namespace
///       return std::to_array<std::pair<std::string_view, Behaviour>>({{"casual", Behaviour::casual}, {"regular", Behaviour::regular}});
///     }
///
///     wire::Issues issues;
///     SessionCreate body;
///     if (wire::read(text, body, issues) != wire::Outcome::ok) return refuse(issues);
///
/// Presence follows from the member:
///
///     V x;                       required, null refused
///     V x = d;  defaulted        absent keeps d
///     optional<V>                may be absent, null refused; empty is written as no key
///     optional<V>  nullable      required, null allowed; empty is written as null
///     optional<V>  nullable_or_absent   may be absent, null allowed; empty is written as null
///     optional<optional<V>>      absent (outer empty), null (inner empty) and a value are told apart
///
/// Members may be: bool, integers, double, std::string, enums with `enum_names`, own text types (`from_text`, `append_text`, `kFormat`),
/// `wire::Json`, `wire::Bytes`, structs with a `shape`, and of these `std::optional`, `std::vector`, maps with `std::string` keys and
/// `std::variant` of structs with a `kTag` (the key that holds it is `kind`, or `kTagKey` of the first struct).
///
/// Rules across fields: `friend void check(const T&, wire::Issues&)` declared inside the struct; runs when the object read clean.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "driftstack/support/issues.hpp"
#include "driftstack/support/json.hpp"
#include "driftstack/support/wire_rules.hpp"
#include "driftstack/support/wire_type.hpp"

namespace driftstack::wire {

/// Bytes that travel as base64 (standard alphabet, padded). A length rule counts the bytes, not the text.
struct Bytes {
  std::string data;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

/// A value with a meaning that travels as text: ids, times, URLs. May also declare `kPattern` (schema), `kExpected` (follows "must be" in a
/// message) and `kSecret` (read, never written).
template <class T>
concept TextType = requires(std::string_view text, const T& value, std::string& out) {
  { T::from_text(text) } -> std::same_as<std::optional<T>>;
  value.append_text(out);
  { T::kFormat } -> std::convertible_to<std::string_view>;
};

template <class T>
concept DescribedEnum = std::is_enum_v<T> && requires(T value) {
  enum_names(value);
};

template <class T>
concept DescribedStruct = requires {
  T::shape.fields;
};

/// The description of a struct.
template <std::size_t N>
struct Object {
  std::array<Field, N> fields{};
  bool is_strict = false;
  std::string_view sentence;

  /// Refuses unknown keys instead of ignoring them.
  [[nodiscard]] constexpr Object strict() const {
    Object copy = *this;
    copy.is_strict = true;
    return copy;
  }
  /// A sentence about the whole shape for the schema.
  [[nodiscard]] constexpr Object doc(std::string_view text) const {
    Object copy = *this;
    copy.sentence = text;
    return copy;
  }
};

namespace detail {

inline constexpr std::size_t kMaxFields = 64;  // the reader keeps "seen" in one word

template <class T>
struct MemberOf;
template <class C, class V>
struct MemberOf<V C::*> {
  using Class = C;
  using Value = V;
};

template <class T>
struct IsOptional : std::false_type {};
template <class V>
struct IsOptional<std::optional<V>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class V, class A>
struct IsVector<std::vector<V, A>> : std::true_type {};
template <class T>
struct IsVariant : std::false_type {};
template <class... V>
struct IsVariant<std::variant<V...>> : std::true_type {};
template <class T>
concept HasMappedType = requires {
  typename T::mapped_type;
};
template <class T>
concept TextMap = HasMappedType<T> && std::same_as<typename T::key_type, std::string>;

template <auto Member>
void* at(void* object) noexcept {
  return &(static_cast<typename MemberOf<decltype(Member)>::Class*>(object)->*Member);
}

template <class E>
inline constexpr auto enum_table = [] {
  constexpr auto kNames = enum_names(E{});
  std::array<EnumName, kNames.size()> table{};
  for (std::size_t i = 0; i < kNames.size(); ++i) table[i] = EnumName{kNames[i].first, static_cast<std::int64_t>(kNames[i].second)};
  return table;
}();

template <class T>
constexpr Type make_type();

/// The table of a type; its address is its identity.
template <class T>
inline constexpr Type type_of = make_type<T>();

template <class T>
constexpr void describe_optional(Type& type) {
  using V = typename T::value_type;
  type.kind = Kind::optional;
  type.inner = &type_of<V>;
  type.add = [](void* o, std::string_view) -> void* { return &static_cast<T*>(o)->emplace(); };
  type.clear = [](void* o) { static_cast<T*>(o)->reset(); };
  type.get = [](const void* o, std::size_t) noexcept -> const void* {
    const T& value = *static_cast<const T*>(o);
    return value.has_value() ? &*value : nullptr;
  };
}

template <class T>
constexpr void describe_list(Type& type) {
  using V = typename T::value_type;
  static_assert(!std::is_same_v<V, bool>, "wire: std::vector<bool> has no addressable items, use std::vector of an enum or struct");
  type.kind = Kind::list;
  type.inner = &type_of<V>;
  type.add = [](void* o, std::string_view) -> void* { return &static_cast<T*>(o)->emplace_back(); };
  type.clear = [](void* o) { static_cast<T*>(o)->clear(); };
  type.size = [](const void* o) noexcept { return static_cast<const T*>(o)->size(); };
  type.get = [](const void* o, std::size_t i) noexcept -> const void* { return &(*static_cast<const T*>(o))[i]; };
}

template <class T>
constexpr void describe_map(Type& type) {
  type.kind = Kind::map;
  type.inner = &type_of<typename T::mapped_type>;
  type.add = [](void* o, std::string_view key) -> void* { return &(*static_cast<T*>(o))[std::string(key)]; };
  type.clear = [](void* o) { static_cast<T*>(o)->clear(); };
  type.size = [](const void* o) noexcept { return static_cast<const T*>(o)->size(); };
  type.each = [](const void* o, void* context, void (*visit)(void*, std::string_view, const void*)) {
    for (const auto& [key, value] : *static_cast<const T*>(o)) visit(context, key, &value);
  };
}

template <class T>
struct Choices;
template <class... A>
struct Choices<std::variant<A...>> {
  using Variant = std::variant<A...>;
  template <std::size_t I>
  static constexpr Alternative alternative() {
    using Struct = std::variant_alternative_t<I, Variant>;
    static_assert(DescribedStruct<Struct>, "wire: each alternative of a variant needs a shape");
    return {Struct::kTag, &type_of<Struct>, [](void* o) -> void* { return &static_cast<Variant*>(o)->template emplace<I>(); },
            [](const void* o) noexcept -> const void* { return std::get_if<I>(static_cast<const Variant*>(o)); }};
  }
  template <std::size_t... I>
  static constexpr std::array<Alternative, sizeof...(A)> all(std::index_sequence<I...>) {
    return {alternative<I>()...};
  }
  static constexpr std::string_view tag_key() {
    using First = std::variant_alternative_t<0, Variant>;
    if constexpr (requires { First::kTagKey; }) {
      return First::kTagKey;
    } else {
      return "kind";
    }
  }
};

template <class V>
inline constexpr auto alternatives_of = Choices<V>::all(std::make_index_sequence<std::variant_size_v<V>>());

template <class T>
constexpr void describe_text(Type& type) {
  type.kind = Kind::text;
  type.format = T::kFormat;
  if constexpr (requires { T::kPattern; }) type.source = T::kPattern;
  if constexpr (requires { T::kExpected; }) type.expected = T::kExpected;
  if constexpr (requires { T::kSecret; }) type.secret = T::kSecret;
  type.parse = [](void* o, std::string_view text) {
    std::optional<T> value = T::from_text(text);
    if (!value) return false;
    *static_cast<T*>(o) = std::move(*value);
    return true;
  };
  type.print = [](const void* o, std::string& out) { static_cast<const T*>(o)->append_text(out); };
}

template <class T>
constexpr void describe_object(Type& type) {
  static_assert(std::is_default_constructible_v<T>, "wire: a shape must be default constructible");
  type.kind = Kind::object;
  type.fields = T::shape.fields;
  type.strict = T::shape.is_strict;
  type.doc = T::shape.sentence;
  if constexpr (requires(const T& value, Issues& issues) { check(value, issues); }) {
    type.check = [](const void* o, Issues& issues) { check(*static_cast<const T*>(o), issues); };
  }
  type.show_default = [](void* context, void (*visit)(void*, const void*)) {
    const T fresh{};
    visit(context, &fresh);
  };
}

template <class T>
constexpr Type make_type() {
  Type type;
  if constexpr (std::is_same_v<T, bool>) {
    type.kind = Kind::boolean;
  } else if constexpr (std::integral<T>) {
    type.kind = Kind::integer;
    type.width = sizeof(T);
    type.is_signed = std::is_signed_v<T>;
  } else if constexpr (std::is_same_v<T, double>) {
    type.kind = Kind::real;
  } else if constexpr (std::is_same_v<T, std::string>) {
    type.kind = Kind::string;
  } else if constexpr (std::is_same_v<T, Bytes>) {
    type.kind = Kind::bytes;
  } else if constexpr (std::is_same_v<T, Json>) {
    type.kind = Kind::json;
  } else if constexpr (DescribedEnum<T>) {
    type.kind = Kind::enumeration;
    type.width = sizeof(T);
    type.is_signed = std::is_signed_v<std::underlying_type_t<T>>;
    type.names = enum_table<T>;
  } else if constexpr (IsOptional<T>::value) {
    describe_optional<T>(type);
  } else if constexpr (IsVector<T>::value) {
    describe_list<T>(type);
  } else if constexpr (TextMap<T>) {
    describe_map<T>(type);
  } else if constexpr (IsVariant<T>::value) {
    type.kind = Kind::choice;
    type.alternatives = alternatives_of<T>;
    type.tag_key = Choices<T>::tag_key();
  } else if constexpr (TextType<T>) {
    describe_text<T>(type);
  } else {
    static_assert(DescribedStruct<T>, "wire: this member's type has no shape, no enum_names and is no text type");
    describe_object<T>(type);
  }
  return type;
}

[[nodiscard]] std::string_view enum_text(std::span<const EnumName> names, std::int64_t value) noexcept;
[[nodiscard]] std::optional<std::int64_t> enum_value(std::span<const EnumName> names, std::string_view text) noexcept;

}  // namespace detail

/// Describes one member: its key, then rule words.
template <auto Member, std::same_as<Rule>... R>
constexpr Field field(std::string_view name, const R&... rules) {
  using Value = typename detail::MemberOf<decltype(Member)>::Value;
  const std::array<Rule, sizeof...(R)> list{rules...};
  return detail::make_field(name, detail::type_of<Value>, &detail::at<Member>, list);
}

/// Describes a struct. The order of the fields is the order on the wire.
template <std::same_as<Field>... F>
constexpr Object<sizeof...(F)> object(const F&... fields) {
  if (sizeof...(F) > detail::kMaxFields) detail::more_than_64_fields();
  Object<sizeof...(F)> result{{fields...}, false, {}};
  for (std::size_t i = 0; i < sizeof...(F); ++i) {
    for (std::size_t k = i + 1; k < sizeof...(F); ++k) {
      if (result.fields[i].name == result.fields[k].name) detail::duplicate_field_name();
    }
  }
  return result;
}

/// Reads strict JSON into `value`. Collects every issue. On anything but `ok` the value is half filled and must not be used.
/// Members that are absent keep what `value` held: start with a fresh object.
template <class T>
[[nodiscard]] Outcome read(std::string_view body, T& value, Issues& issues) {
  return detail::read(body, detail::type_of<T>, &value, issues);
}

/// Appends `value` as compact JSON. Text that is no UTF-8 is repaired with U+FFFD; a number that is not finite is written as null.
template <class T>
void write(const T& value, std::string& out) {
  detail::write(detail::type_of<T>, &value, out);
}

/// `value` as compact JSON.
template <class T>
[[nodiscard]] std::string to_text(const T& value) {
  std::string out;
  write(value, out);
  return out;
}

/// `value` as a raw JSON member of another shape.
template <class T>
[[nodiscard]] Json to_json(const T& value) {
  return Json::from_compact(to_text(value));
}

/// The shape as JSON Schema text (OpenAPI 3.1), nested shapes inline.
template <class T>
[[nodiscard]] std::string schema() {
  return detail::schema(detail::type_of<T>);
}

/// The wire text of an enumerator; empty for a value without a name.
template <DescribedEnum E>
[[nodiscard]] std::string_view enum_text(E value) noexcept {
  return detail::enum_text(detail::enum_table<E>, static_cast<std::int64_t>(value));
}

/// The enumerator with this wire text.
template <DescribedEnum E>
[[nodiscard]] std::optional<E> enum_from_text(std::string_view text) noexcept {
  const std::optional<std::int64_t> value = detail::enum_value(detail::enum_table<E>, text);
  if (!value) return std::nullopt;
  return static_cast<E>(*value);
}

}  // namespace driftstack::wire
