#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "connection.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"

namespace driftstack::database_sqlite {

/// One piece of work for the writer thread. Lives in the frame of the coroutine that waits for it; the writer forgets it as soon as it
/// woke that coroutine.
class Job {
 public:
  enum class Outcome {
    ok,
    failed,
    abandoned,  ///< a transaction body awaits something foreign; the job wakes its own waiter later and must not be touched again
  };
  enum class Kind {
    grouped,    ///< runs in a savepoint and shares its commit
    exclusive,  ///< runs alone, outside of any transaction
  };

  explicit Job(const Call& call, Kind kind = Kind::grouped) noexcept : call_(call), kind_(kind) {}
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  /// Does the work; may be asked again after a rollback. `failed` comes with fail(). [writer-thread]
  virtual Outcome run(Connection& connection) = 0;

  const Call& call() const noexcept { return call_; }
  Kind kind() const noexcept { return kind_; }

  void fail(Error error) { error_ = std::move(error); }
  void clear_error() noexcept { error_.reset(); }
  bool has_failed() const noexcept { return error_.has_value(); }
  const Error& error() const noexcept { return *error_; }
  Error take_error() { return std::move(*error_); }

  void set_waiter(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
  std::coroutine_handle<> waiter() const noexcept { return waiter_; }

 private:
  const Call& call_;
  Kind kind_;
  std::optional<Error> error_;
  std::coroutine_handle<> waiter_;
};

}  // namespace driftstack::database_sqlite
