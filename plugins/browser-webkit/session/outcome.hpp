#pragma once
// Errors as values inside the session process: either a value or the Failure that goes back to the server.

#include <string>
#include <utility>
#include <variant>

#include "driftstack/task.hpp"
#include "protocol/messages.hpp"

namespace driftstack::browser_webkit {

using protocol::Failure;
using protocol::FailureCode;

inline Failure failure(FailureCode code, std::string message) {
  Failure result;
  result.code = code;
  result.message = std::move(message);
  return result;
}

template <class T = Done>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : state_(std::in_place_index<0>, std::move(value)) {}            // NOLINT(google-explicit-constructor)
  Outcome(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const noexcept { return state_.index() == 0; }
  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  Failure& failure() noexcept { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Failure> state_;
};

/// Work of the session process that waits. Runs on the main loop from beginning to end.
template <class T = Done>
using Work = Task<Outcome<T>>;

}  // namespace driftstack::browser_webkit
