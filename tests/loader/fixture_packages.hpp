#pragma once

#include <unistd.h>
#include <catch2/catch.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "kernel/plugins/loader.hpp"
#include "kernel/plugins/package.hpp"
#include "kernel/plugins/pins.hpp"
#include "tests/unit/kernel/scratch_folder.hpp"

namespace driftstack::kernel::test {

/// Copies of fixture packages in a private folder, pinned as they are. Tests may spoil the copies.
class FixturePackages {
 public:
  explicit FixturePackages(const std::vector<std::string>& fixtures) {
    std::filesystem::create_directory(dir());
    for (const std::string& name : fixtures) add(name, name);
    for (const std::string& name : fixtures) pin(name);
  }

  std::filesystem::path dir() const { return scratch_.path() / "plugins"; }
  std::filesystem::path folder(const std::string& name) const { return dir() / name; }
  std::filesystem::path library(const std::string& name) const { return folder(name) / ("lib" + name + ".so"); }
  const std::filesystem::path& scratch() const { return scratch_.path(); }

  void add(const std::string& fixture, const std::string& folder_name);

  void pin(const std::string& name) {
    const auto hash = package_hash(read_package(folder(name), ::geteuid()), ::geteuid());
    REQUIRE(hash);
    pins_.insert_or_assign(name, Pin{*hash, "plugins.lock"});
  }
  Pins& pins() { return pins_; }

  std::vector<Package> packages() const { return find_packages(dir(), {}, ::geteuid()); }
  LoadRules rules() const { return LoadRules{::geteuid(), build_facts()}; }

  LoadResult load(const std::string& name) const { return load_library(read_package(folder(name), ::geteuid()), pins_, rules()); }
  /// The line of the failure; empty when it loads.
  std::string refusal(const std::string& name) const {
    const LoadResult result = load(name);
    return result.failure ? result.failure->line() : std::string();
  }

 private:
  ScratchFolder scratch_;
  Pins pins_;
};

}  // namespace driftstack::kernel::test
