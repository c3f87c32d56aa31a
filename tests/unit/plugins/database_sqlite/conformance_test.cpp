#include "driftstack/testing/conformance/database_conformance.hpp"
#include "file_store.hpp"

namespace driftstack::testing {

std::unique_ptr<DatabaseStore> make_database_store() { return std::make_unique<FileStore>(); }

}  // namespace driftstack::testing
