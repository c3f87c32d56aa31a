#pragma once
// Role Database: SQL written once in the common subset of PostgreSQL and SQLite (sdk/docs: "SQL on two engines").

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {
namespace db {

/// SQL of one statement with `$1`, `$2`, ... parameters. A constant with static storage: its address is its identity in the cache of
/// prepared statements, and the first word of the text is its name in errors.
class Statement {
 public:
  /// `postgres_text` replaces `text` on PostgreSQL; for job claims only (SKIP LOCKED).
  consteval explicit Statement(const char* text, const char* postgres_text = nullptr) noexcept
      : text_(text), postgres_text_(postgres_text) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  constexpr const char* text() const noexcept { return text_; }
  constexpr const char* postgres_text() const noexcept { return postgres_text_ ? postgres_text_ : text_; }

 private:
  const char* text_;
  const char* postgres_text_;
};

/// Bytes of a blob parameter.
struct Blob {
  explicit Blob(std::string bytes) : bytes(std::move(bytes)) {}
  std::string bytes;
};

/// SQL types that cross the interface. The C++ type of a parameter fixes its SQL type, also when there is no value.
enum class Type : std::uint8_t { boolean, integer, real, text, blob };

/// One parameter. Owns its text: a task may outlive the caller's temporaries.
class Value {
 public:
  Value(bool v) : type_(Type::boolean), data_(v) {}                        // NOLINT(google-explicit-constructor)
  Value(int v) : type_(Type::integer), data_(std::int64_t{v}) {}           // NOLINT(google-explicit-constructor)
  Value(std::int64_t v) : type_(Type::integer), data_(v) {}                // NOLINT(google-explicit-constructor)
  Value(double v) : type_(Type::real), data_(v) {}                         // NOLINT(google-explicit-constructor)
  Value(std::string v) : type_(Type::text), data_(std::move(v)) {}         // NOLINT(google-explicit-constructor)
  Value(std::string_view v) : type_(Type::text), data_(std::string(v)) {}  // NOLINT(google-explicit-constructor)
  Value(const char* v) : type_(Type::text), data_(std::string(v)) {}       // NOLINT(google-explicit-constructor)
  Value(Blob v) : type_(Type::blob), data_(std::move(v.bytes)) {}          // NOLINT(google-explicit-constructor)
  template <class T>
  Value(const std::optional<T>& v) : Value(v ? Value(*v) : Value(type_of<T>(), nullptr)) {}  // NOLINT(google-explicit-constructor)

  Type type() const noexcept { return type_; }
  bool is_null() const noexcept { return data_.index() == 0; }
  bool boolean() const { return std::get<bool>(data_); }
  std::int64_t integer() const { return std::get<std::int64_t>(data_); }
  double real() const { return std::get<double>(data_); }
  /// Text or blob bytes.
  std::string_view bytes() const { return std::get<std::string>(data_); }

 private:
  Value(Type type, std::nullptr_t) : type_(type) {}
  template <class T>
  static Type type_of() {
    return Value(T{}).type();
  }
  Type type_;
  std::variant<std::monostate, bool, std::int64_t, double, std::string> data_;
};
using Values = std::vector<Value>;

/// `values(id, account)`: never write the parameters with braces inside a co_await expression (g++ 12 frees twice).
template <class... A>
Values values(A&&... arguments) {
  Values out;
  out.reserve(sizeof...(A));
  (out.emplace_back(std::forward<A>(arguments)), ...);
  return out;
}

class Rows;

/// One row; a view into its Rows. A wrong type, or null read without `maybe_`, is a bug and throws std::logic_error (the task turns it
/// into Errc::internal).
class Row {
 public:
  bool boolean(std::size_t column) const;
  std::int64_t integer(std::size_t column) const;
  double real(std::size_t column) const;
  std::string_view text(std::size_t column) const;  ///< text or blob bytes
  bool is_null(std::size_t column) const;
  std::optional<std::int64_t> maybe_integer(std::size_t column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }
  std::optional<std::string> maybe_text(std::size_t column) const {
    return is_null(column) ? std::nullopt : std::optional(std::string(text(column)));
  }

 private:
  friend class Rows;
  Row(const Rows& rows, std::size_t index) noexcept : rows_(&rows), index_(index) {}
  const Rows* rows_;
  std::size_t index_;
};

/// Rows of one statement in one flat buffer, and the number of rows that it changed.
class Rows {
 public:
  std::size_t size() const noexcept { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  bool empty() const noexcept { return size() == 0; }
  /// Rows inserted, updated or deleted.
  std::int64_t changed() const noexcept { return changed_; }
  Row operator[](std::size_t index) const noexcept { return Row(*this, index); }

  // For engines: begin(columns), then columns cells per row.
  void set_columns(std::size_t columns) { columns_ = columns; }
  void set_changed(std::int64_t changed) { changed_ = changed; }
  void add_null() { cells_.push_back(Cell(Kind::null, 0, 0)); }
  void add_boolean(bool v) { cells_.push_back(Cell(Kind::integer, v ? 1 : 0, 0)); }
  void add_integer(std::int64_t v) { cells_.push_back(Cell(Kind::integer, v, 0)); }
  void add_real(double v) {
    cells_.push_back(Cell(Kind::real, 0, 0));
    cells_.back().real = v;
  }
  void add_text(std::string_view v) {
    cells_.push_back(Cell(Kind::text, static_cast<std::int64_t>(text_.size()), v.size()));
    text_.append(v);
  }

 private:
  friend class Row;
  enum class Kind : std::uint8_t { null, integer, real, text };
  struct Cell {
    Cell(Kind kind, std::int64_t integer, std::size_t length) : kind(kind), length(length), integer(integer) {}
    Kind kind;
    std::size_t length;
    union {
      std::int64_t integer;
      double real;
    };
  };
  const Cell& cell(std::size_t row, std::size_t column, Kind wanted, const char* name) const {
    if (column >= columns_ || row >= size()) throw std::logic_error("database row: no such row or column");
    const Cell& found = cells_[row * columns_ + column];
    if (found.kind != wanted) throw std::logic_error(std::string("database row: column ") + std::to_string(column) + " is not " + name);
    return found;
  }
  std::size_t columns_ = 0;
  std::int64_t changed_ = 0;
  std::vector<Cell> cells_;
  std::string text_;
};

inline bool Row::boolean(std::size_t column) const { return rows_->cell(index_, column, Rows::Kind::integer, "boolean").integer != 0; }
inline std::int64_t Row::integer(std::size_t column) const { return rows_->cell(index_, column, Rows::Kind::integer, "integer").integer; }
inline double Row::real(std::size_t column) const { return rows_->cell(index_, column, Rows::Kind::real, "real").real; }
inline std::string_view Row::text(std::size_t column) const {
  const auto& cell = rows_->cell(index_, column, Rows::Kind::text, "text");
  return std::string_view(rows_->text_).substr(static_cast<std::size_t>(cell.integer), cell.length);
}
inline bool Row::is_null(std::size_t column) const {
  if (column >= rows_->columns_ || index_ >= rows_->size()) throw std::logic_error("database row: no such row or column");
  return rows_->cells_[index_ * rows_->columns_ + column].kind == Rows::Kind::null;
}

/// Fixed statements that succeed or fail together, in one trip. Locks are taken first, in the order given (sort them).
class Batch {
 public:
  struct Step {
    Step(const Statement& statement, Values values) : statement(&statement), values(std::move(values)) {}
    const Statement* statement;
    Values values;
  };
  Batch& lock(std::string key) {
    locks_.push_back(std::move(key));
    return *this;
  }
  Batch& add(const Statement& statement, Values values) {
    steps_.emplace_back(statement, std::move(values));
    return *this;
  }
  std::span<const std::string> locks() const noexcept { return locks_; }
  std::span<const Step> steps() const noexcept { return steps_; }

 private:
  std::vector<std::string> locks_;
  std::vector<Step> steps_;
};

/// An open transaction. Valid until the body ends; one call after another. Implemented by the engine.
class Transaction {
 public:
  virtual AsyncResult<Rows> run(const Statement& statement, Values values) = 0;
  /// Serialises with every other holder of the same key until the transaction ends. Key: `<plugin>.<cap>:<account>`. Take locks before
  /// the statements that rely on them, in sorted order; the audit log takes its own last.
  virtual AsyncResult<> lock(std::string key) = 0;

 protected:
  ~Transaction() = default;
};

/// The work of a transaction. It awaits nothing but its transaction (else Errc::misuse on every engine), may run more than once, and has no
/// effect outside of the transaction and its own results.
class TransactionBody {
 public:
  virtual AsyncResult<> run(Transaction& transaction) = 0;

 protected:
  ~TransactionBody() = default;
};

/// One step of a plugin's schema. Numbers start at 1 without gaps; a released step never changes (its checksum is stored).
struct Migration {
  int number;
  const char* name;
  const char* sql;  ///< statements of the common subset, separated by `;`
};

/// Implemented by `database-sqlite` and `database-postgres`.
///
/// Errors: Errc::conflict with `constraint` (name of the unique index, `<table>_pkey` for a primary key), Errc::constraint, Errc::busy
/// after bounded repeats, Errc::outcome_unknown, Errc::unreachable, Errc::misuse, Errc::timeout (deadline of the call).
class Database {
 public:
  static constexpr InterfaceId kId{"database", 1};
  virtual ~Database() = default;

  /// Reads committed rows and sees every write that was answered before. May be repeated by the engine. [io-thread]
  virtual AsyncResult<Rows> read(const Call& call, const Statement& statement, Values values) = 0;
  /// One change, durable when it answers. May share a commit with others, never their fate. [io-thread]
  virtual AsyncResult<Rows> write(const Call& call, const Statement& statement, Values values) = 0;
  /// All or nothing, one trip, in order, durable when it answers. [io-thread]
  virtual AsyncResult<std::vector<Rows>> write_all(const Call& call, Batch batch) = 0;
  /// Runs the body and commits if it answers ok; durable then. [io-thread]
  virtual AsyncResult<> transaction(const Call& call, TransactionBody& body) = 0;
  /// Brings the tables of a plugin up to date; called by that plugin in its start(). Newer data than the plugin knows, or a changed
  /// checksum, is an error. [io-thread]
  virtual AsyncResult<> migrate(const Call& call, std::string plugin, std::span<const Migration> migrations) = 0;
  /// Name of the engine for logs and doctor: `sqlite`, `postgres`.
  virtual std::string_view engine() const noexcept = 0;
};

namespace detail {
template <class F>
class Body final : public TransactionBody {
 public:
  explicit Body(F& function) noexcept : function_(function) {}
  AsyncResult<> run(Transaction& transaction) override { return function_(transaction); }

 private:
  F& function_;
};
}  // namespace detail

/// Runs a named lambda `[&](db::Transaction& tx) -> AsyncResult<> { ... }` as the body. The lambda stays alive in the caller's frame:
///
///   auto body = [&](db::Transaction& tx) -> AsyncResult<> { ... co_return Done(); };
///   auto done = co_await db::transaction(database, call, body);
template <class F>
AsyncResult<> transaction(Database& database, const Call& call, F& body) {
  detail::Body<F> adapter(body);
  co_return co_await database.transaction(call, adapter);
}

}  // namespace db
}  // namespace v1
}  // namespace driftstack
