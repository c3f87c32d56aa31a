#pragma once

#include <string>

#include "driftstack/testing/conformance/database_conformance.hpp"
#include "driftstack/testing/manifest_defaults.hpp"

namespace driftstack::testing {

/// A database file in a folder of its own.
class FileStore final : public DatabaseStore {
 public:
  std::string path() const { return directory_.path() + "/test.sqlite"; }
  MapSettings settings() override { return manifest_defaults(DRIFTSTACK_PLUGIN_MANIFEST).with({{"path", path()}}); }

 private:
  TemporaryDirectory directory_;
};

}  // namespace driftstack::testing
