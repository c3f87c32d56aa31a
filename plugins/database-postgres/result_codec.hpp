#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"

struct pg_result;

namespace driftstack::database_postgres {

struct ClearResult {
  void operator()(pg_result* result) const noexcept;
};
using ResultPointer = std::unique_ptr<pg_result, ClearResult>;

/// What may help after an error.
enum class Remedy {
  none,       ///< the statement is refused
  lease,      ///< a lock, a deadlock or the time limit of a shared connection: once more, on a leased one
  prepare,    ///< the tables changed under a prepared statement: prepare it anew
  reconnect,  ///< the server ends this connection
};

struct Failure {
  Failure(Error error, Remedy remedy) : error(std::move(error)), remedy(remedy) {}
  Error error;
  Remedy remedy;
};

/// The type of a parameter, as PostgreSQL numbers it; sent with every statement, so that nothing has to be inferred.
std::uint32_t type_number(db::Type type) noexcept;

/// Parameters in PostgreSQL's binary form. Texts are not copied: the values must outlive this object.
class Parameters {
 public:
  explicit Parameters(const db::Values& values);
  int count() const noexcept { return static_cast<int>(pointers_.size()); }
  const char* const* pointers() const noexcept { return pointers_.data(); }
  const int* lengths() const noexcept { return lengths_.data(); }
  const int* formats() const noexcept { return formats_.data(); }

 private:
  std::vector<std::array<char, 8>> numbers_;  // numbers in network order
  std::vector<const char*> pointers_;
  std::vector<int> lengths_, formats_;
};

/// The rows of a successful result in binary form. Errc::internal names a column whose type does not cross the interface.
Result<db::Rows> decode_rows(const pg_result* result, const char* sql);

/// The error of a failed result. Only the primary message is used: details may quote a customer's values.
Failure decode_failure(const pg_result* result, const char* sql);

}  // namespace driftstack::database_postgres
