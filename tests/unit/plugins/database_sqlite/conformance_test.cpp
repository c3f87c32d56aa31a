#include "driftstack/testing/conformance/database_conformance.hpp"
#include "driftstack/testing/manifest_defaults.hpp"

namespace driftstack::testing {
namespace {

class TemporaryFileStore final : public DatabaseStore {
 public:
  MapSettings settings() override {
    const std::string path = directory_.path() + "/test.sqlite";
    return manifest_defaults(DRIFTSTACK_PLUGIN_MANIFEST).with({{"path", path}});
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace

std::unique_ptr<DatabaseStore> make_database_store() { return std::make_unique<TemporaryFileStore>(); }

}  // namespace driftstack::testing
