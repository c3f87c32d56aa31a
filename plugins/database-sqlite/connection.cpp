#include "connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>

#include "driftstack/support/database_text.hpp"

namespace driftstack::database_sqlite {
namespace {

/// How long the writer and patient readers wait for a lock that another process holds.
constexpr int kLockWaitMilliseconds = 5000;
constexpr std::int64_t kBytesPerKibibyte = 1024;

/// Ends a run of a statement, also on an early return.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(sqlite3_stmt* statement) noexcept : statement_(statement) {}
  ~ResetAtEnd() { sqlite3_reset(statement_); }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  sqlite3_stmt* statement_;
};

int bind_value(sqlite3_stmt* statement, int slot, const db::Value& value) {
  if (value.is_null()) return sqlite3_bind_null(statement, slot);
  switch (value.type()) {
    case db::Type::boolean:
      return sqlite3_bind_int(statement, slot, value.boolean() ? 1 : 0);
    case db::Type::integer:
      return sqlite3_bind_int64(statement, slot, value.integer());
    case db::Type::real:
      return sqlite3_bind_double(statement, slot, value.real());
    case db::Type::text:
      return sqlite3_bind_text64(statement, slot, value.bytes().data(), value.bytes().size(), SQLITE_STATIC, SQLITE_UTF8);
    case db::Type::blob:
      return sqlite3_bind_blob64(statement, slot, value.bytes().data(), value.bytes().size(), SQLITE_STATIC);
  }
  return SQLITE_MISUSE;
}

void add_cell(db::Rows& rows, sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return rows.add_integer(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
      return rows.add_real(sqlite3_column_double(statement, column));
    case SQLITE_NULL:
      return rows.add_null();
    default:
      break;
  }
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  rows.add_text(bytes ? std::string_view(bytes, size) : std::string_view());
}

int ask(void* keep_running) { return (*static_cast<const KeepRunning*>(keep_running))() ? 0 : 1; }

/// The error code that callers see; conflicts are told apart from other constraints by the extended code.
Errc code_of(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return Errc::conflict;
    default:
      break;
  }
  constexpr int kPrimaryCode = 0xff;  // SQLite: the low byte of an extended code
  switch (extended & kPrimaryCode) {
    case SQLITE_CONSTRAINT:
      return Errc::constraint;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Errc::busy;
    case SQLITE_INTERRUPT:
      return Errc::timeout;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return Errc::unavailable;
    case SQLITE_TOOBIG:
      return Errc::misuse;
    default:
      return Errc::internal;
  }
}

}  // namespace

void Connection::Close::operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
void Connection::Finalize::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access, std::int64_t cache_bytes) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<Connection> connection(new Connection(raw, access));  // owns the handle also after a failure, as SQLite asks
  if (code != SQLITE_OK) return Error(Errc::unavailable, "cannot open the database file " + path + ": " + sqlite3_errstr(code));
  if (auto configured = connection->configure(cache_bytes); !configured) {
    return Error(configured.error().code, "database file " + path + ": " + configured.error().detail);
  }
  return connection;
}

Result<> Connection::configure(std::int64_t cache_bytes) {
  sqlite3* database = database_.get();
  // Off, else a misspelt "column" is silently a string.
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_busy_timeout(database, access_ == Access::read_at_once ? 0 : kLockWaitMilliseconds);
  const std::string cache = "PRAGMA cache_size = -" + std::to_string(std::max<std::int64_t>(cache_bytes / kBytesPerKibibyte, 1));
  if (auto done = execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY"); !done) return done;
  if (auto done = execute(cache.c_str()); !done) return done;
  return access_ == Access::write ? Result<>() : execute("PRAGMA query_only = ON");
}

Result<Connection::Prepared*> Connection::prepare(const db::Statement& statement) {
  if (const auto found = prepared_.find(&statement); found != prepared_.end()) return &found->second;
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  if (sqlite3_prepare_v3(database_.get(), statement.text(), -1, SQLITE_PREPARE_PERSISTENT, &raw, &rest) != SQLITE_OK) {
    return error_of(&statement);
  }
  Prepared prepared;
  prepared.handle.reset(raw);
  if (!raw || std::string_view(rest).find_first_not_of("; \t\r\n") != std::string_view::npos) {
    return Error(Errc::misuse, db::statement_label(statement.text()) + " is not exactly one statement");
  }
  const int slots = sqlite3_bind_parameter_count(raw);
  for (int slot = 1; slot <= slots; ++slot) {
    const char* name = sqlite3_bind_parameter_name(raw, slot);
    const std::string_view digits = name && name[0] == '$' ? std::string_view(name + 1) : std::string_view();
    std::size_t number = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (problem != std::errc() || end != digits.data() + digits.size() || number == 0) {
      return Error(Errc::misuse, db::statement_label(statement.text()) + ": parameters are written $1, $2, ...");
    }
    prepared.slots.push_back(number - 1);
    prepared.parameters = std::max(prepared.parameters, number);
  }
  return &prepared_.emplace(&statement, std::move(prepared)).first->second;
}

Result<> Connection::bind(const db::Statement& statement, Prepared& prepared, const db::Values& values) {
  if (auto checked = db::check_values(statement.text(), values, prepared.parameters); !checked) return checked;
  if (prepared.types.empty()) {
    for (const auto& value : values) prepared.types.push_back(value.type());
  }
  if (auto checked = db::check_types(statement.text(), values, prepared.types); !checked) return checked;
  for (std::size_t i = 0; i < prepared.slots.size(); ++i) {
    const int code = bind_value(prepared.handle.get(), static_cast<int>(i) + 1, values[prepared.slots[i]]);
    if (code != SQLITE_OK) return error_of(&statement);
  }
  return Done();
}

Result<db::Rows> Connection::run(const db::Statement& statement, const db::Values& values) {
  auto found = prepare(statement);
  if (!found) return std::move(found).error();
  Prepared& prepared = **found;
  sqlite3_stmt* handle = prepared.handle.get();
  const ResetAtEnd reset(handle);
  if (auto bound = bind(statement, prepared, values); !bound) return std::move(bound).error();

  db::Rows rows;
  int code = sqlite3_step(handle);
  const int columns = sqlite3_column_count(handle);  // after the first step: it may have been prepared anew for a changed schema
  rows.set_columns(static_cast<std::size_t>(columns));
  for (; code == SQLITE_ROW; code = sqlite3_step(handle)) {
    for (int column = 0; column < columns; ++column) add_cell(rows, handle, column);
  }
  if (code != SQLITE_DONE) return error_of(&statement);
  if (!sqlite3_stmt_readonly(handle)) rows.set_changed(sqlite3_changes64(database_.get()));
  return rows;
}

Result<db::Rows> Connection::run_while(const KeepRunning& keep_running, const db::Statement& statement, const db::Values& values) {
  sqlite3_progress_handler(database_.get(), kStepsPerQuestion, &ask, const_cast<KeepRunning*>(&keep_running));
  auto rows = run(statement, values);
  sqlite3_progress_handler(database_.get(), 0, nullptr, nullptr);
  return rows;
}

Result<> Connection::execute(const char* script) {
  if (sqlite3_exec(database_.get(), script, nullptr, nullptr, nullptr) == SQLITE_OK) return Done();
  return error_of(nullptr);
}

bool Connection::in_transaction() const noexcept { return sqlite3_get_autocommit(database_.get()) == 0; }

void Connection::checkpoint() noexcept {
  sqlite3_busy_timeout(database_.get(), 0);
  sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(database_.get(), kLockWaitMilliseconds);
}

bool Connection::last_error_leaves_doubt() const noexcept {
  const int code = sqlite3_extended_errcode(database_.get());
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

Error Connection::error_of(const db::Statement* statement) const {
  const int extended = sqlite3_extended_errcode(database_.get());
  const std::string message = sqlite3_errmsg(database_.get());
  std::string detail = message;
  if (statement) detail = db::statement_label(statement->text()) + ": " + message;
  const bool wrote_in_a_read = extended == SQLITE_READONLY && access_ != Access::write;
  const Errc code = wrote_in_a_read ? Errc::misuse : code_of(extended);
  if (code == Errc::internal && !statement) detail += " (" + std::string(sqlite3_errstr(extended)) + ")";
  Error error(code, std::move(detail));
  if (code != Errc::conflict && code != Errc::constraint) return error;
  if (extended == SQLITE_CONSTRAINT_FOREIGNKEY) return error;  // SQLite does not know which one
  return std::move(error).with_constraint(constraint_names_.name_of(message));
}

}  // namespace driftstack::database_sqlite
