#include "kernel/plugins/start_order.hpp"

#include <catch2/catch.hpp>

using driftstack::kernel::StartOrder;
using Names = std::vector<std::string>;

TEST_CASE("each plugin comes behind those that it requires, ties by name") {
  StartOrder order;
  for (const char* name : {"z", "a", "m"}) order.add(name);
  order.require("a", "z");
  CHECK(order.sorted().order == Names{"z", "a", "m"});
}

TEST_CASE("a circle is named from where it closes") {
  StartOrder order;
  order.require("x", "a");
  order.require("a", "b");
  order.require("b", "c");
  order.require("c", "a");
  CHECK(order.sorted().order.empty());
  CHECK(order.sorted().circle == Names{"a", "b", "c", "a"});
}

TEST_CASE("a plugin that requires what it provides itself is no circle") {
  StartOrder order;
  order.require("a", "a");
  CHECK(order.sorted().order == Names{"a"});
}

TEST_CASE("a wish orders, but gives way when it would close a circle") {
  StartOrder order;
  order.prefer("a", "b");
  CHECK(order.sorted().order == Names{"b", "a"});
  order.prefer("b", "a");
  CHECK(order.sorted().order == Names{"b", "a"});
  StartOrder required;
  required.require("b", "c");
  required.require("c", "a");
  required.prefer("a", "b");
  CHECK(required.sorted().order == Names{"a", "c", "b"});
}
