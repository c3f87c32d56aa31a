#include "constraint_names.hpp"

#include <sqlite3.h>

#include <memory>
#include <vector>

namespace driftstack::database_sqlite {
namespace {

using Query = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

/// Runs a query over the schema with at most one text parameter and shows each row to `use`.
template <class F>
Result<> for_each_row(sqlite3* database, const char* sql, const std::string* parameter, F use) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &raw, nullptr) != SQLITE_OK) return Error(Errc::internal, sqlite3_errmsg(database));
  const Query query(raw, &sqlite3_finalize);
  if (parameter) sqlite3_bind_text(raw, 1, parameter->c_str(), -1, SQLITE_STATIC);
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(raw)) == SQLITE_ROW) use(raw);
  if (code != SQLITE_DONE) return Error(Errc::internal, sqlite3_errmsg(database));
  return Done();
}

std::string text_of(sqlite3_stmt* row, int column) {
  const auto* text = sqlite3_column_text(row, column);
  return text ? std::string(reinterpret_cast<const char*>(text)) : std::string();
}

struct Index {
  std::string name;
  bool is_primary_key = false;
  bool is_automatic = false;
  std::vector<std::string> columns;
};

/// An unnamed `UNIQUE (a, b)` gets the name that PostgreSQL would give it.
std::string public_name(const std::string& table, const Index& index) {
  if (index.is_primary_key) return table + "_pkey";
  if (!index.is_automatic) return index.name;
  std::string name = table;
  for (const auto& column : index.columns) name += "_" + column;
  return name + "_key";
}

}  // namespace

Result<> ConstraintNames::load_table(sqlite3* database, const std::string& table) {
  std::vector<Index> indexes;
  auto listed = for_each_row(database, "SELECT name, origin FROM pragma_index_list($1) WHERE \"unique\"", &table, [&](sqlite3_stmt* row) {
    Index& index = indexes.emplace_back();
    index.name = text_of(row, 0);
    index.is_primary_key = text_of(row, 1) == "pk";
    index.is_automatic = text_of(row, 1) == "u";
  });
  if (!listed) return listed.error();
  for (Index& index : indexes) {
    std::string columns;
    bool has_expression = false;
    auto read = for_each_row(database, "SELECT name FROM pragma_index_info($1) ORDER BY seqno", &index.name, [&](sqlite3_stmt* row) {
      has_expression = has_expression || sqlite3_column_type(row, 0) == SQLITE_NULL;
      index.columns.push_back(text_of(row, 0));
      if (!columns.empty()) columns += ", ";
      columns += table + "." + index.columns.back();
    });
    if (!read) return read.error();
    if (has_expression) continue;  // SQLite names such an index itself
    const std::string name = public_name(table, index);
    const auto [known, inserted] = by_columns_.emplace(columns, name);
    if (inserted) continue;
    return Error(Errc::misuse, "unique indexes " + known->second + " and " + name +
                                   " have the same columns, so a violation could not be named: keep one of them");
  }
  return Done();
}

Result<> ConstraintNames::load(sqlite3* database) {
  by_columns_.clear();
  std::vector<std::string> tables;
  auto listed = for_each_row(database, "SELECT name FROM sqlite_schema WHERE type = 'table'", nullptr,
                             [&](sqlite3_stmt* row) { tables.push_back(text_of(row, 0)); });
  if (!listed) return listed.error();
  for (const auto& table : tables) {
    if (auto loaded = load_table(database, table); !loaded) return loaded.error();
  }
  return Done();
}

std::string ConstraintNames::name_of(std::string_view message) const {
  constexpr std::string_view kMarker = "constraint failed: ";
  const auto marker = message.find(kMarker);
  if (marker == std::string_view::npos) return {};
  std::string_view subject = message.substr(marker + kMarker.size());
  constexpr std::string_view kIndex = "index '";
  if (subject.starts_with(kIndex)) return std::string(subject.substr(kIndex.size(), subject.size() - kIndex.size() - 1));
  if (!message.starts_with("UNIQUE ")) return std::string(subject);  // CHECK names itself, NOT NULL its column
  const auto found = by_columns_.find(subject);
  if (found != by_columns_.end()) return found->second;
  return std::string(subject.substr(0, subject.find('.'))) + "_pkey";  // INTEGER PRIMARY KEY has no index
}

}  // namespace driftstack::database_sqlite
