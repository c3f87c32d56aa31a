/// The words that follow a field's name in a shape. Included by `wire.hpp`.
///
/// Each word is data; `make_field` checks while compiling that it fits the member. A word that does not fit stops the compiler at a call of
/// a function that is not constexpr and whose name says what is wrong.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "driftstack/support/wire_type.hpp"

namespace driftstack::wire {

/// One rule of a field.
struct Rule {
  enum class Word : std::uint8_t {
    bounds,
    pattern,
    trimmed,
    unique,
    json_object,
    items,
    keys,
    defaulted,
    nullable,
    nullable_or_absent,
    secret,
    doc
  };
  Word word = Word::bounds;
  KindSet fits = ~KindSet{0};        // kinds of member it may stand at
  KindSet inner_fits = ~KindSet{0};  // for `items`: kinds of item
  Rules rules;
  std::string_view text;
};

namespace detail {

// Never defined: calling one while compiling is the error message.
void duplicate_field_name();
void field_name_must_be_letters_digits_and_underscores();
void rule_does_not_fit_the_kind_of_this_member();
void rule_of_items_does_not_fit_the_kind_of_the_items();
void nullable_needs_std_optional();
void defaulted_is_for_members_that_are_no_optional();
void optional_of_optional_already_says_nullable_or_absent();
void lower_bound_is_above_upper_bound();
void more_than_64_fields();

inline constexpr KindSet kTextKinds = kinds(Kind::string, Kind::text, Kind::bytes, Kind::json);

constexpr Rule bounds(KindSet fits, std::int64_t low, std::int64_t high) {
  Rule rule;
  rule.fits = fits;
  rule.rules.low = low;
  rule.rules.high = high;
  return rule;
}

constexpr std::int64_t kNoLow = Rules{}.low;
constexpr std::int64_t kNoHigh = Rules{}.high;

constexpr Rule word(Rule::Word word, KindSet fits = ~KindSet{0}) {
  Rule rule;
  rule.word = word;
  rule.fits = fits;
  return rule;
}

constexpr void merge(Rules& into, const Rule& rule) {
  if (rule.rules.has_low()) into.low = rule.rules.low;
  if (rule.rules.has_high()) into.high = rule.rules.high;
  if (rule.rules.least > into.least) into.least = rule.rules.least;
  if (rule.rules.most < into.most) into.most = rule.rules.most;
  if (rule.rules.has_pattern) into.pattern = rule.rules.pattern;
  into.has_pattern = into.has_pattern || rule.rules.has_pattern;
  into.trimmed = into.trimmed || rule.rules.trimmed;
  into.unique = into.unique || rule.rules.unique;
  into.json_object = into.json_object || rule.rules.json_object;
  if (into.low > into.high || into.least > into.most) lower_bound_is_above_upper_bound();
}

template <class... R>
constexpr Rule nested(Rule::Word which, KindSet fits, const R&... rules) {
  Rule all = word(which, fits);
  ((merge(all.rules, rules), all.inner_fits &= rules.fits), ...);
  return all;
}

}  // namespace detail

/// Length of text in code points; of `Bytes` and compact `Json` in bytes.
constexpr Rule length(std::int64_t low, std::int64_t high) { return detail::bounds(detail::kTextKinds, low, high); }
constexpr Rule min_length(std::int64_t low) { return detail::bounds(detail::kTextKinds, low, detail::kNoHigh); }
constexpr Rule max_length(std::int64_t high) { return detail::bounds(detail::kTextKinds, detail::kNoLow, high); }

/// Number of items of a list, or of keys of a map.
constexpr Rule min_items(std::int64_t low) { return detail::bounds(kinds(Kind::list, Kind::map), low, detail::kNoHigh); }
constexpr Rule max_items(std::int64_t high) { return detail::bounds(kinds(Kind::list, Kind::map), detail::kNoLow, high); }

/// Inclusive bounds of a number. A bound with a fraction is for `double` members only.
template <std::integral I>
constexpr Rule min(I low) {
  Rule rule = detail::bounds(kinds(Kind::integer, Kind::real), static_cast<std::int64_t>(low), detail::kNoHigh);
  rule.rules.least = static_cast<double>(low);
  return rule;
}
template <std::integral I>
constexpr Rule max(I high) {
  Rule rule = detail::bounds(kinds(Kind::integer, Kind::real), detail::kNoLow, static_cast<std::int64_t>(high));
  rule.rules.most = static_cast<double>(high);
  return rule;
}
constexpr Rule min(std::floating_point auto low) {
  Rule rule = detail::word(Rule::Word::bounds, kinds(Kind::real));
  rule.rules.least = low;
  return rule;
}
constexpr Rule max(std::floating_point auto high) {
  Rule rule = detail::word(Rule::Word::bounds, kinds(Kind::real));
  rule.rules.most = high;
  return rule;
}

/// The text must match. `pattern` must have static storage.
constexpr Rule matches(const Pattern& pattern) {
  Rule rule = detail::word(Rule::Word::pattern, kinds(Kind::string));
  rule.rules.pattern = &pattern;
  rule.rules.has_pattern = true;
  return rule;
}

/// White space at both ends is cut before the other rules look.
inline constexpr Rule trimmed = [] {
  Rule rule = detail::word(Rule::Word::trimmed, kinds(Kind::string, Kind::text));
  rule.rules.trimmed = true;
  return rule;
}();

/// No two items of the list are the same.
inline constexpr Rule unique = [] {
  Rule rule = detail::word(Rule::Word::unique, kinds(Kind::list));
  rule.rules.unique = true;
  return rule;
}();

/// A `Json` member must hold an object.
inline constexpr Rule json_object = [] {
  Rule rule = detail::word(Rule::Word::json_object, kinds(Kind::json));
  rule.rules.json_object = true;
  return rule;
}();

/// Rules for each item of a list or each value of a map: `items(trimmed, length(1, 24))`.
template <class... R>
constexpr Rule items(const R&... rules) {
  return detail::nested(Rule::Word::items, kinds(Kind::list, Kind::map), rules...);
}

/// Rules for each key of a map.
template <class... R>
constexpr Rule keys(const R&... rules) {
  return detail::nested(Rule::Word::keys, kinds(Kind::map), rules...);
}

/// The key may be absent; then the member keeps its initialiser, which is also the default in the schema.
inline constexpr Rule defaulted = detail::word(Rule::Word::defaulted);
/// The key must be there; null empties the optional. Written as null when empty.
inline constexpr Rule nullable = detail::word(Rule::Word::nullable);
/// As `nullable`, and the key may be absent; then the member keeps its initialiser.
inline constexpr Rule nullable_or_absent = detail::word(Rule::Word::nullable_or_absent);
/// Read, never written, marked `writeOnly` in the schema.
inline constexpr Rule secret = detail::word(Rule::Word::secret);

/// A sentence for the schema.
constexpr Rule doc(std::string_view sentence) {
  Rule rule = detail::word(Rule::Word::doc);
  rule.text = sentence;
  return rule;
}

namespace detail {

constexpr bool is_field_name(std::string_view name) {
  for (const char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '$';
    if (!plain) return false;
  }
  return !name.empty();
}

constexpr void apply(Field& field, const Rule& rule, const Type& value, bool is_optional, bool is_three_valued) {
  if ((rule.fits & kinds(value.kind)) == 0) rule_does_not_fit_the_kind_of_this_member();
  switch (rule.word) {
    case Rule::Word::items:
      if ((rule.inner_fits & kinds(value.inner->kind)) == 0) rule_of_items_does_not_fit_the_kind_of_the_items();
      field.item_rules = rule.rules;
      return;
    case Rule::Word::keys:
      if ((rule.inner_fits & kinds(Kind::string)) == 0 || rule.rules.trimmed) rule_of_items_does_not_fit_the_kind_of_the_items();
      field.key_rules = rule.rules;
      return;
    case Rule::Word::defaulted:
      if (is_optional) defaulted_is_for_members_that_are_no_optional();
      field.may_be_absent = true;
      field.has_default = true;
      return;
    case Rule::Word::nullable:
    case Rule::Word::nullable_or_absent:
      if (!is_optional) nullable_needs_std_optional();
      if (is_three_valued) optional_of_optional_already_says_nullable_or_absent();
      field.nullable = true;
      field.may_be_absent = rule.word == Rule::Word::nullable_or_absent;
      field.has_default = field.may_be_absent;
      field.omitted_when_empty = false;
      return;
    case Rule::Word::secret:
      field.secret = true;
      return;
    case Rule::Word::doc:
      field.doc = rule.text;
      return;
    default:
      merge(field.rules, rule);
  }
}

/// Builds the table row of one member. Presence follows from the type, then the words change it.
constexpr Field make_field(std::string_view name, const Type& type, void* (*at)(void*) noexcept, std::span<const Rule> rules) {
  if (!is_field_name(name)) field_name_must_be_letters_digits_and_underscores();
  const bool is_optional = type.kind == Kind::optional;
  const bool is_three_valued = is_optional && type.inner->kind == Kind::optional;
  const Type* value = &type;
  while (value->kind == Kind::optional) value = value->inner;

  Field field;
  field.name = name;
  field.type = &type;
  field.at = at;
  field.may_be_absent = is_optional;
  field.omitted_when_empty = is_optional;
  field.nullable = is_three_valued;
  field.secret = value->secret;
  for (const Rule& rule : rules) apply(field, rule, *value, is_optional, is_three_valued);
  return field;
}

}  // namespace detail

}  // namespace driftstack::wire
