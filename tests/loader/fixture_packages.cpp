#include "fixture_packages.hpp"

namespace driftstack::kernel::test {

void FixturePackages::add(const std::string& fixture, const std::string& folder_name) {
  const std::filesystem::path to = folder(folder_name);
  std::filesystem::copy(std::filesystem::path(DRIFTSTACK_LOADER_FIXTURES) / fixture, to);
  using std::filesystem::perms;
  const perms readable = perms::owner_all | perms::group_read | perms::group_exec | perms::others_read | perms::others_exec;
  std::filesystem::permissions(to, readable);
  for (const auto& file : std::filesystem::directory_iterator(to)) std::filesystem::permissions(file.path(), readable);
}

}  // namespace driftstack::kernel::test
