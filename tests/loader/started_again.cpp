// Prints the library variables that it still has, after "restart" (as the server starts) or "stay" (the twin without the guard).

#include <cstdio>
#include <cstring>

#include "kernel/plugins/library_environment.hpp"

int main(int count, char* arguments[]) {
  if (count == 2 && std::strcmp(arguments[1], "restart") == 0) {
    if (const auto restarted = driftstack::kernel::restart_without_library_variables(arguments); !restarted) {
      std::puts(restarted.error().detail.c_str());
      return 1;
    }
  }
  for (const std::string& name : driftstack::kernel::library_variables_set()) std::puts(name.c_str());
  return 0;
}
