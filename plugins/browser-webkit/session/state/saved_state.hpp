#pragma once
// What a session leaves behind, as one state archive: files of the engine, cookies, sessionStorage. [main-thread]

#include <string>
#include <vector>

#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/support/memory_file.hpp"
#include "outcome.hpp"
#include "state/session_storage.hpp"

namespace driftstack::browser_webkit {

/// The parts that are not files of the engine.
struct SavedPages {
  std::vector<browser::Cookie> cookies;
  StorageAreas storage;
};

/// Puts the engine's files where it will look for them: before it starts. bad_request for what is no state of this backend.
Outcome<SavedPages> unpack_state(const MemoryFile& archive, const std::string& directory);

/// After the engine's end.
Outcome<MemoryFile> pack_state(const std::string& directory, const SavedPages& pages);

}  // namespace driftstack::browser_webkit
