// The yardstick of tests/benchmarks/http as a program, for benchmarks that drive whole servers.
//
//     flat_beast_server SIZE       answers every request with SIZE bytes of body; prints its port first
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/benchmarks/http/flat_beast_server.hpp"

int main(int argc, char** argv) {
  const std::string body(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 0, 'x');
  driftstack::benchmarks::serve_flat(body, [](std::uint16_t port) {
    std::printf("%u\n", unsigned{port});
    std::fflush(stdout);
  });
}
