#pragma once

#include <map>
#include <string>
#include <string_view>

#include "driftstack/result.hpp"

struct sqlite3;

namespace driftstack::database_sqlite {

/// SQLite names the columns of a violated index, callers branch on the index: this is the way back. Read from the schema after each
/// migration. [writer-thread]
class ConstraintNames {
 public:
  /// Reads all tables anew. Errc::misuse if two unique indexes of one table have the same columns, since a violation could not be named.
  Result<> load(sqlite3* database);
  /// The name for a message such as `UNIQUE constraint failed: notes.account, notes.slug`.
  std::string name_of(std::string_view message) const;

 private:
  Result<> load_table(sqlite3* database, const std::string& table);

  std::map<std::string, std::string, std::less<>> by_columns_;  // "notes.account, notes.slug" -> index name
};

}  // namespace driftstack::database_sqlite
