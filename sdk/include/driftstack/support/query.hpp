/// Binds a query string into a described struct, with the same rules and the same issues as a body.
///
/// Purpose: `limit=20&status=ready` -> `{20, Status::ready}`. Fields are single values: bool (`true`, `false`), integers, double, text,
/// enums, own text types, and optionals of them. Unknown keys are ignored, a known key given twice is an issue. `%XX` and `+` are decoded;
/// what does not decode to UTF-8 without U+0000 is an issue. Thread: [any-thread].
///
///     PageQuery page;
///     if (wire::read_query(request.query, page, issues) != wire::Outcome::ok) ...
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "driftstack/support/wire.hpp"

namespace driftstack::wire {

namespace detail {

constexpr bool has_single_values(const Type& type) {
  for (const Field& field : type.fields) {
    const Type* value = field.type;
    while (value->kind == Kind::optional) value = value->inner;
    const KindSet single = kinds(Kind::boolean, Kind::integer, Kind::real, Kind::string, Kind::enumeration, Kind::text);
    if ((kinds(value->kind) & single) == 0) return false;
  }
  return true;
}

}  // namespace detail

/// `query` is the part after `?`, still percent-encoded. Never answers `not_json`.
template <DescribedStruct T>
[[nodiscard]] Outcome read_query(std::string_view query, T& value, Issues& issues) {
  static_assert(detail::has_single_values(detail::type_of<T>), "wire: the fields of a query must be single values");
  return detail::read_query(query, detail::type_of<T>, &value, issues);
}

/// Decodes `%XX` and `+`; nothing if an escape is cut or the result is no UTF-8 or holds U+0000.
[[nodiscard]] std::optional<std::string> decode_query_text(std::string_view encoded);

}  // namespace driftstack::wire
