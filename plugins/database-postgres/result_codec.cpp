#include "result_codec.hpp"

#include <libpq-fe.h>

#include <bit>
#include <charconv>
#include <cstring>

#include "driftstack/support/database_text.hpp"

namespace driftstack::database_postgres {
namespace {

// Type numbers of PostgreSQL (src/include/catalog/pg_type.dat); fixed for ever, since clients depend on them.
enum TypeNumber : std::uint32_t {
  kBool = 16,
  kBytea = 17,
  kChar = 18,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kOid = 26,
  kFloat4 = 700,
  kFloat8 = 701,
  kUnknown = 705,
  kBpchar = 1042,
  kVarchar = 1043,
  kNumeric = 1700,
  kVoid = 2278,
};

template <class Unsigned>
Unsigned from_network(const char* bytes) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value = static_cast<Unsigned>((value << 8U) | static_cast<std::uint8_t>(bytes[i]));
  return value;
}

std::array<char, 8> to_network(std::uint64_t value) {
  std::array<char, 8> bytes{};
  for (std::size_t i = bytes.size(); i-- > 0; value >>= 8U) bytes[i] = static_cast<char>(value & 0xFFU);
  return bytes;
}

/// False if the type does not cross the interface.
bool add_cell(db::Rows& rows, std::uint32_t type, const char* bytes, int length) {
  switch (type) {
    case kBool:
      rows.add_boolean(bytes[0] != 0);
      return true;
    case kInt2:
      rows.add_integer(static_cast<std::int16_t>(from_network<std::uint16_t>(bytes)));
      return true;
    case kInt4:
      rows.add_integer(static_cast<std::int32_t>(from_network<std::uint32_t>(bytes)));
      return true;
    case kOid:
      rows.add_integer(from_network<std::uint32_t>(bytes));
      return true;
    case kInt8:
      rows.add_integer(static_cast<std::int64_t>(from_network<std::uint64_t>(bytes)));
      return true;
    case kFloat4:
      rows.add_real(static_cast<double>(std::bit_cast<float>(from_network<std::uint32_t>(bytes))));
      return true;
    case kFloat8:
      rows.add_real(std::bit_cast<double>(from_network<std::uint64_t>(bytes)));
      return true;
    case kText:
    case kVarchar:
    case kBpchar:
    case kName:
    case kChar:
    case kUnknown:
    case kBytea:
      rows.add_text(std::string_view(bytes, static_cast<std::size_t>(length)));
      return true;
    case kVoid:
      rows.add_null();
      return true;
    default:
      return false;
  }
}

std::string field(const pg_result* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text != nullptr ? std::string(text) : std::string();
}

Remedy remedy_of(std::string_view state) {
  // SQLSTATE classes and codes: PostgreSQL manual, appendix A.
  if (state == "40001" || state == "40P01" || state == "55P03" || state == "57014") return Remedy::lease;
  if (state == "0A000" || state == "26000") return Remedy::prepare;
  if (state.starts_with("08") || state.starts_with("57P")) return Remedy::reconnect;
  return Remedy::none;
}

Errc code_of(std::string_view state) {
  if (state == "23505") return Errc::conflict;
  if (state.starts_with("23")) return Errc::constraint;
  if (state == "40001" || state == "40P01" || state == "55P03") return Errc::busy;
  if (state == "57014") return Errc::timeout;
  if (state == "25006") return Errc::misuse;              // a write on the read connection
  if (state.starts_with("53")) return Errc::unavailable;  // disk full, out of memory, too many connections
  if (state.starts_with("08") || state.starts_with("57P")) return Errc::unreachable;
  return Errc::internal;
}

std::string constraint_of(const pg_result* result, std::string_view state) {
  if (state == "23502") return field(result, PG_DIAG_TABLE_NAME) + "." + field(result, PG_DIAG_COLUMN_NAME);
  if (state == "23503") return {};  // SQLite does not know it: nobody may depend on it
  return field(result, PG_DIAG_CONSTRAINT_NAME);
}

}  // namespace

void ClearResult::operator()(pg_result* result) const noexcept { PQclear(result); }

std::uint32_t type_number(db::Type type) noexcept {
  switch (type) {
    case db::Type::boolean:
      return kBool;
    case db::Type::integer:
      return kInt8;
    case db::Type::real:
      return kFloat8;
    case db::Type::text:
      return kText;
    case db::Type::blob:
      return kBytea;
  }
  return kUnknown;
}

Parameters::Parameters(const db::Values& values) : numbers_(values.size()) {
  pointers_.reserve(values.size());
  lengths_.reserve(values.size());
  formats_.assign(values.size(), 1);  // binary
  for (std::size_t i = 0; i < values.size(); ++i) {
    const db::Value& value = values[i];
    const char* bytes = numbers_[i].data();
    std::size_t length = sizeof(std::uint64_t);
    if (value.is_null()) {
      bytes = nullptr;
      length = 0;
    } else if (value.type() == db::Type::boolean) {
      numbers_[i][0] = value.boolean() ? 1 : 0;
      length = 1;
    } else if (value.type() == db::Type::integer) {
      numbers_[i] = to_network(static_cast<std::uint64_t>(value.integer()));
    } else if (value.type() == db::Type::real) {
      numbers_[i] = to_network(std::bit_cast<std::uint64_t>(value.real()));
    } else {
      bytes = value.bytes().data();
      length = value.bytes().size();
    }
    pointers_.push_back(bytes);
    lengths_.push_back(static_cast<int>(length));
  }
}

Result<db::Rows> decode_rows(const pg_result* result, const char* sql) {
  db::Rows rows;
  const int columns = PQnfields(result);
  rows.set_columns(static_cast<std::size_t>(columns));
  for (int row = 0; row < PQntuples(result); ++row) {
    for (int column = 0; column < columns; ++column) {
      const auto type = PQftype(result, column);
      if (PQgetisnull(result, row, column) != 0) {
        rows.add_null();
      } else if (!add_cell(rows, type, PQgetvalue(result, row, column), PQgetlength(result, row, column))) {
        return Error(Errc::internal,
                     db::statement_label(sql) + ": column " + std::to_string(column) + " has type " + std::to_string(type) +
                         (type == kNumeric ? " (numeric); write CAST(... AS bigint)" : ", which does not cross the interface"));
      }
    }
  }
  const std::string_view command(PQcmdStatus(const_cast<pg_result*>(result)));
  const std::string_view count(PQcmdTuples(const_cast<pg_result*>(result)));
  std::int64_t changed = 0;
  if (!command.starts_with("SELECT")) std::from_chars(count.data(), count.data() + count.size(), changed);
  rows.set_changed(changed);
  return rows;
}

Failure decode_failure(const pg_result* result, const char* sql) {
  const std::string state = field(result, PG_DIAG_SQLSTATE);
  std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) message = "the connection failed";
  const Errc code = state.empty() ? Errc::unreachable : code_of(state);
  Error error(code, db::statement_label(sql) + ": " + message);
  if (code == Errc::conflict || code == Errc::constraint) error.constraint = constraint_of(result, state);
  return Failure(std::move(error), state.empty() ? Remedy::reconnect : remedy_of(state));
}

}  // namespace driftstack::database_postgres
