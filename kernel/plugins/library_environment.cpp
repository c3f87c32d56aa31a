#include "kernel/plugins/library_environment.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace driftstack::kernel {
namespace {

// ld.so(8): those that name files to load or folders to search.
constexpr std::array<const char*, 3> kVariables{"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT"};

}  // namespace

std::vector<std::string> library_variables_set() {
  std::vector<std::string> set;
  for (const char* name : kVariables) {
    if (std::getenv(name) != nullptr) set.emplace_back(name);
  }
  return set;
}

Result<> restart_without_library_variables(char* const arguments[]) {
  if (library_variables_set().empty()) return Done{};
  for (const char* name : kVariables) ::unsetenv(name);
  ::execv("/proc/self/exe", arguments);
  return Error(Errc::internal, "cannot start again without library variables: " + std::generic_category().message(errno));
}

}  // namespace driftstack::kernel
