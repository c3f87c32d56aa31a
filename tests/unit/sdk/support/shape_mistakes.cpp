// Shapes that must not compile. The build runs the compiler on this file once per mistake and expects the named complaint; without any of
// them it compiles, which is tested too.
#include <optional>
#include <string>
#include <vector>

#include "driftstack/support/query.hpp"
#include "driftstack/support/wire.hpp"

namespace wire = driftstack::wire;

struct Bare {
  int x = 0;
};

struct Shape {
  std::int32_t number = 0;
  std::string text;
  std::optional<std::string> maybe;
  std::vector<std::string> list;
#if defined(MISTAKE_LENGTH_ON_NUMBER)
  static constexpr auto shape = wire::object(wire::field<&Shape::number>("number", wire::max_length(3)));
#elif defined(MISTAKE_MIN_ON_TEXT)
  static constexpr auto shape = wire::object(wire::field<&Shape::text>("text", wire::min(3)));
#elif defined(MISTAKE_FRACTION_ON_INTEGER)
  static constexpr auto shape = wire::object(wire::field<&Shape::number>("number", wire::min(0.5)));
#elif defined(MISTAKE_ITEM_RULE)
  static constexpr auto shape = wire::object(wire::field<&Shape::list>("list", wire::items(wire::min(3))));
#elif defined(MISTAKE_NULLABLE)
  static constexpr auto shape = wire::object(wire::field<&Shape::text>("text", wire::nullable));
#elif defined(MISTAKE_DEFAULTED)
  static constexpr auto shape = wire::object(wire::field<&Shape::maybe>("maybe", wire::defaulted));
#elif defined(MISTAKE_TWICE)
  static constexpr auto shape = wire::object(wire::field<&Shape::text>("text"), wire::field<&Shape::maybe>("text"));
#elif defined(MISTAKE_NAME)
  static constexpr auto shape = wire::object(wire::field<&Shape::text>("a\"b"));
#elif defined(MISTAKE_BOUNDS)
  static constexpr auto shape = wire::object(wire::field<&Shape::number>("number", wire::min(3), wire::max(2)));
#else
  static constexpr auto shape = wire::object(
      wire::field<&Shape::number>("number", wire::min(2), wire::max(3)), wire::field<&Shape::text>("text", wire::max_length(3)),
      wire::field<&Shape::maybe>("maybe", wire::nullable), wire::field<&Shape::list>("list", wire::items(wire::length(1, 3))));
#endif
};

#if defined(MISTAKE_QUERY_LIST)
wire::Outcome bind(Shape& shape, wire::Issues& issues) { return wire::read_query("", shape, issues); }
#elif defined(MISTAKE_NO_SHAPE)
std::string text(const Bare& bare) { return wire::to_text(bare); }
#else
std::string text(const Shape& shape) { return wire::to_text(shape); }
#endif
