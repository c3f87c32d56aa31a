#include "state/saved_state.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "driftstack/support/state_archive.hpp"
#include "state/state_folder.hpp"

namespace driftstack::browser_webkit {
namespace {

// They come before the engine's files in the archive's order.
constexpr std::string_view kCookiesPath = "browser/cookies.json";
constexpr std::string_view kStoragePath = "browser/session-storage.json";

struct Cookies {
  std::vector<browser::Cookie> cookies;
  static constexpr auto shape = wire::object(wire::field<&Cookies::cookies>("cookies"));
};

Failure failed(const Error& error) {
  return failure(error.code == Errc::payload_too_large ? FailureCode::too_large : FailureCode::internal, error.detail);
}

template <class Content>
Outcome<Content> read_content(const MemoryFile& archive, const std::vector<StateEntry>& entries, std::string_view path) {
  Content content;
  const auto at = std::find_if(entries.begin(), entries.end(), [&](const StateEntry& entry) { return entry.path == path; });
  if (at == entries.end()) return content;
  Result<std::string> text = read_state_entry(archive, *at);
  wire::Issues issues;
  const bool read = text && wire::read(*text, content, issues) == wire::Outcome::ok;
  if (!read) return failure(FailureCode::bad_request, "the state has a part that cannot be read: " + std::string(path));
  return content;
}

}  // namespace

Outcome<SavedPages> unpack_state(const MemoryFile& archive, const std::string& directory) {
  const Result<std::vector<StateEntry>> entries = read_state_archive(archive);
  if (!entries) return failure(FailureCode::bad_request, entries.error().detail);
  Outcome<Cookies> cookies = read_content<Cookies>(archive, *entries, kCookiesPath);
  if (!cookies) return std::move(cookies.failure());
  Outcome<StorageAreas> storage = read_content<StorageAreas>(archive, *entries, kStoragePath);
  if (!storage) return std::move(storage.failure());
  Outcome<> unpacked = unpack_engine_files(archive, *entries, directory);
  if (!unpacked) return std::move(unpacked.failure());
  SavedPages pages;
  pages.cookies = std::move(cookies->cookies);
  pages.storage = std::move(*storage);
  return pages;
}

Outcome<MemoryFile> pack_state(const std::string& directory, const SavedPages& pages) {
  Result<StateArchiveWriter> archive = StateArchiveWriter::begin();
  if (!archive) return failed(archive.error());
  Cookies cookies;
  cookies.cookies = pages.cookies;
  if (auto added = archive->add(kCookiesPath, StateKind::kept, wire::to_text(cookies)); !added) return failed(added.error());
  if (auto added = archive->add(kStoragePath, StateKind::kept, wire::to_text(pages.storage)); !added) return failed(added.error());
  Outcome<> packed = pack_engine_files(directory, *archive);
  if (!packed) return std::move(packed.failure());
  Result<MemoryFile> finished = archive->finish();
  if (!finished) return failed(finished.error());
  return std::move(*finished);
}

}  // namespace driftstack::browser_webkit
