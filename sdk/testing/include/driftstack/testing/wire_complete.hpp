/// Whether a shape describes every member of its struct. For tests.
///
///     static_assert(driftstack::testing::wire_complete<SessionCreate>);
#pragma once

#include <cstddef>
#include <utility>

namespace driftstack::testing {

namespace detail {

/// Converts to any member. Only declared: nothing is ever made of it. (Boost.PFR defines its own, which fails for move-only members.)
struct Anything {
  template <class T>
  operator T() const&& noexcept;  // NOLINT(google-explicit-constructor): the conversion is the point
};

template <class T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires { T{(static_cast<void>(I), Anything{})...}; };
}

template <class T, std::size_t Count>
constexpr std::size_t member_count() {
  if constexpr (!takes<T>(std::make_index_sequence<Count + 1>())) {
    return Count;
  } else {
    return member_count<T, Count + 1>();
  }
}

}  // namespace detail

/// A member without a field is silently neither read nor written; this is where it shows. For aggregates without base classes.
template <class T>
inline constexpr bool wire_complete = detail::member_count<T, 0>() == T::shape.fields.size();

}  // namespace driftstack::testing
