/// The two shapes of every list: what a client asks and what it gets.
///
///     PageQuery asked;                                     // read with wire::read_query
///     Page<Session> page;                                  // data, then next() with the sealed cursor if there is more
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driftstack/support/wire.hpp"

namespace driftstack {

inline constexpr std::int32_t kDefaultPageSize = 50;   // the wire specification, pagination
inline constexpr std::int32_t kMaxPageSize = 100;      // the wire specification, pagination
inline constexpr std::int64_t kMaxCursorLength = 512;  // the wire specification, pagination

/// The query of a list. Lists with filters add these two fields to their own struct.
struct PageQuery {
  std::int32_t limit = kDefaultPageSize;
  std::optional<std::string> cursor;

  static constexpr auto shape = wire::object(
      wire::field<&PageQuery::limit>("limit", wire::defaulted, wire::min(1), wire::max(kMaxPageSize), wire::doc("Items on a page.")),
      wire::field<&PageQuery::cursor>("cursor", wire::length(1, kMaxCursorLength), wire::doc("The next_cursor of the page before.")));
};

/// One page, newest item first.
template <class T>
struct Page {
  std::vector<T> data;
  bool has_more = false;
  std::optional<std::string> next_cursor;

  /// Says that there is more after this page. `cursor` must differ from the one that was asked with.
  void continue_at(std::string cursor) {
    has_more = true;
    next_cursor = std::move(cursor);
  }

  static constexpr auto shape =
      wire::object(wire::field<&Page::data>("data"), wire::field<&Page::has_more>("has_more"),
                   wire::field<&Page::next_cursor>("next_cursor", wire::nullable, wire::doc("Null on the last page.")));
};

}  // namespace driftstack
