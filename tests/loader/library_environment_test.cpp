#include "kernel/plugins/library_environment.hpp"

#include <stdio.h>

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>

namespace {

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  REQUIRE(pipe != nullptr);
  std::string out;
  std::array<char, 256> buffer{};
  while (::fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) out += buffer.data();
  return out;
}

}  // namespace

TEST_CASE("the server starts again without the variables that could slip other libraries into it") {
  const std::string program = DRIFTSTACK_STARTED_AGAIN;
  CHECK(output_of("LD_LIBRARY_PATH=/nowhere " + program + " stay") == "LD_LIBRARY_PATH\n");
  CHECK(output_of("LD_LIBRARY_PATH=/nowhere " + program + " restart").empty());
  CHECK(output_of(program + " restart").empty());
}
