#pragma once
// The engine's files as entries of a state archive. Runs as the session's own user inside of the session's own folder, never in the server.
// [main-thread]

#include <string>
#include <vector>

#include "driftstack/support/state_archive.hpp"
#include "outcome.hpp"

namespace driftstack::browser_webkit {

/// Writes those entries of an archive that are files of the engine below `directory`, where nothing of them may exist yet.
Outcome<> unpack_engine_files(const MemoryFile& archive, const std::vector<StateEntry>& entries, const std::string& directory);

/// Adds what the engine keeps below `directory`, once it has closed its files. Regular files only; links are not followed.
Outcome<> pack_engine_files(const std::string& directory, StateArchiveWriter& archive);

}  // namespace driftstack::browser_webkit
