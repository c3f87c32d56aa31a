#include "kernel/config/suggestion.hpp"

#include <catch2/catch.hpp>

using namespace driftstack::kernel;

TEST_CASE("the nearest name is suggested, blind to case and dashes, and nothing far away") {
  const std::vector<std::string> names{"max_wait", "listen", "data_dir", "drain_timeout"};
  CHECK(nearest("max_wiat", names) == "max_wait");
  CHECK(nearest("Max-Wait", names) == "max_wait");
  CHECK(nearest("mial", {"mail"}) == "mail");
  CHECK(nearest("lisen", names) == "listen");
  CHECK(nearest("datadir", names) == "data_dir");
  CHECK(nearest("colour", names) == std::nullopt);
  CHECK(nearest("", names) == std::nullopt);
}

TEST_CASE("of two near names the nearer one is suggested") {
  CHECK(nearest("head_timeou", {"read_timeout", "head_timeout"}) == "head_timeout");
}

TEST_CASE("an unknown name is answered with a suggestion, or with what exists") {
  CHECK(unknown_name_message("key", "lisen", {"listen", "data_dir"}) == R"(unknown key; did you mean "listen"?)");
  CHECK(unknown_name_message("key", "colour", {"listen", "data_dir"}) == R"(unknown key; known here: "listen", "data_dir")");
  CHECK(unknown_name_message("plugin", "colour", {}) == "unknown plugin; there is none here");
  CHECK(unknown_name_message("key", "colour", std::vector<std::string>(17, "abcdefghi")) == "unknown key");
}
