#pragma once
// Reading rows, for the files of this plugin that hold SQL.

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/roles/database.hpp"
#include "driftstack/uuid.hpp"
#include "records.hpp"

namespace driftstack::identity {

/// A stored value that this code did not write. Thrown like a wrong column type: the task turns it into Errc::internal.
[[noreturn]] inline void corrupt(const char* what) { throw std::logic_error(std::string("identity tables: not ") + what); }

inline Uuid read_uuid(std::string_view text) {
  const auto id = Uuid::from_text(text);
  if (!id) corrupt("an id");
  return *id;
}

inline AccountStatus read_status(std::string_view text) {
  for (const auto status : {AccountStatus::active, AccountStatus::suspended, AccountStatus::deleted}) {
    if (status_text(status) == text) return status;
  }
  corrupt("an account status");
}

/// The first row by a reader, or nothing.
template <class Reader>
auto first(Result<db::Rows> rows, Reader read) -> Result<std::optional<decltype(read(std::declval<db::Row>()))>> {
  using Value = decltype(read(std::declval<db::Row>()));
  if (!rows) return std::move(rows).error();
  if (rows->empty()) return std::optional<Value>();
  return std::optional<Value>(read((*rows)[0]));
}

template <class Reader>
auto all(Result<db::Rows> rows, Reader read) -> Result<std::vector<decltype(read(std::declval<db::Row>()))>> {
  if (!rows) return std::move(rows).error();
  std::vector<decltype(read(std::declval<db::Row>()))> values;
  values.reserve(rows->size());
  for (std::size_t i = 0; i < rows->size(); ++i) values.push_back(read((*rows)[i]));
  return values;
}

/// Of a statement that answers no rows.
inline Result<> done(const Result<db::Rows>& rows) {
  if (!rows) return rows.error();
  return Done();
}

/// Did a conditional write hit its one row?
inline Result<bool> hit(const Result<db::Rows>& rows) {
  if (!rows) return rows.error();
  return rows->changed() == 1;
}

}  // namespace driftstack::identity
