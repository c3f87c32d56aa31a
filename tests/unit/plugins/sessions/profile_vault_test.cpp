#include "vault/profile_vault.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "driftstack/support/random_bytes.hpp"
#include "driftstack/support/state_archive.hpp"
#include "sessions_fixture.hpp"
#include "vault/state_files.hpp"

namespace driftstack::sessions::test {
namespace {

namespace fs = std::filesystem;

MemoryFile archive_with(std::string_view content, std::string_view cached = "cached") {
  auto writer = StateArchiveWriter::begin();
  REQUIRE(writer);
  REQUIRE(writer->add("cache/x", StateKind::refetchable, cached));
  REQUIRE(writer->add("cookies.json", StateKind::kept, content));
  auto archive = writer->finish();
  REQUIRE(archive);
  return std::move(*archive);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}
void write_file(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

struct VaultFixture : SessionsFixture {
  std::string directory = host().data_directory() + "/vault-test";
  ProfileVault vault{host(), database(), directory};
  ProfileRef profile{random_uuid(), random_uuid()};
  std::unique_ptr<Call> call = host().call();

  VaultFixture() { REQUIRE(run(vault.prepare(*call))); }

  template <class T>
  T run(Task<T> task) {
    return testing::run(host(), std::move(task));
  }
  SaveOutcome save(const ProfileRef& of, std::int64_t revision, MemoryFile archive, RecordState record = nullptr) {
    auto outcome = run(vault.save(*call, of, revision, std::move(archive), std::move(record)));
    REQUIRE(outcome);
    return std::move(*outcome);
  }
  void save_first(const ProfileRef& of, std::string_view content) { REQUIRE(save(of, 0, archive_with(content)).stored); }
  /// The kept content, or nothing when it does not open.
  std::optional<std::string> content_of(const ProfileRef& of) {
    auto opened = run(vault.open(*call, of));
    if (!opened) return std::nullopt;
    const auto entries = read_state_archive(opened->archive);
    REQUIRE(entries);
    return *read_state_entry(opened->archive, entries->back());
  }
  std::string file_of(const ProfileRef& of, std::int64_t revision) const { return directory + "/" + state_file_name(of.profile, revision); }
  std::size_t files() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator())); }
};

TEST_CASE("a profile without a saved state opens as nothing, a saved one as what was saved", "[vault]") {
  VaultFixture fixture;
  const auto fresh = fixture.run(fixture.vault.open(*fixture.call, fixture.profile));
  REQUIRE(fresh);
  CHECK_FALSE(fresh->archive);
  CHECK(fresh->revision == 0);

  fixture.save_first(fixture.profile, "first");
  CHECK(fixture.content_of(fixture.profile) == "first");
  const auto second = fixture.save(fixture.profile, 1, archive_with("second"));
  REQUIRE(second.stored);
  CHECK(second.stored->revision == 2);
  CHECK(second.stored->size_bytes == static_cast<std::int64_t>(fs::file_size(fixture.file_of(fixture.profile, 2))));
  CHECK(fixture.content_of(fixture.profile) == "second");
  CHECK(fixture.files() == 1);  // the old state is gone
}

TEST_CASE("a large state that hardly compresses survives, and its plain text is in no file", "[vault]") {
  VaultFixture fixture;
  std::string noise(3'000'000, '\0');
  fill_random(std::as_writable_bytes(std::span(noise)));
  const std::string secret = "session=do-not-tell";
  fixture.save_first(fixture.profile, secret + noise);
  CHECK(fixture.content_of(fixture.profile) == secret + noise);
  const std::string path = fixture.file_of(fixture.profile, 1);
  CHECK(read_file(path).find(secret) == std::string::npos);
  struct stat facts {};
  REQUIRE(stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
}

TEST_CASE("a state that was changed or cut anywhere does not open", "[vault][guard]") {
  VaultFixture fixture;
  fixture.save_first(fixture.profile, "content");
  const std::string path = fixture.file_of(fixture.profile, 1);
  const std::string whole = read_file(path);
  CHECK(fixture.content_of(fixture.profile) == "content");  // the twin
  for (std::size_t at = 0; at < whole.size(); ++at) {
    INFO(at);
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    write_file(path, flipped);
    CHECK_FALSE(fixture.content_of(fixture.profile));
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, std::size_t{24}, std::size_t{48}, whole.size() - 1}) {
    INFO(size);
    write_file(path, whole.substr(0, size));
    CHECK_FALSE(fixture.content_of(fixture.profile));
  }
  write_file(path, whole + "x");
  CHECK_FALSE(fixture.content_of(fixture.profile));
}

TEST_CASE("a state does not open at another profile, another account or another revision", "[vault][guard]") {
  VaultFixture fixture;
  const ProfileRef sibling(fixture.profile.account, random_uuid());
  const ProfileRef stranger(random_uuid(), random_uuid());
  for (const ProfileRef& one : {fixture.profile, sibling, stranger}) fixture.save_first(one, "own");
  const std::string own = fixture.file_of(fixture.profile, 1);
  for (const ProfileRef& other : {sibling, stranger}) {
    const std::string path = fixture.file_of(other, 1), before = read_file(path);
    fs::copy_file(own, path, fs::copy_options::overwrite_existing);
    CHECK_FALSE(fixture.content_of(other));
    write_file(path, before);
    CHECK(fixture.content_of(other) == "own");  // the twin
  }
  const std::string old = read_file(own);
  REQUIRE(fixture.save(fixture.profile, 1, archive_with("newer")).stored);
  write_file(fixture.file_of(fixture.profile, 2), old);
  CHECK_FALSE(fixture.content_of(fixture.profile));
}

TEST_CASE("a link in the place of a state is not followed", "[vault][guard]") {
  VaultFixture fixture;
  fixture.save_first(fixture.profile, "content");
  const std::string path = fixture.file_of(fixture.profile, 1), elsewhere = fixture.host().data_directory() + "/elsewhere";
  fs::rename(path, elsewhere);
  fs::create_symlink(elsewhere, path);
  CHECK_FALSE(fixture.content_of(fixture.profile));
  fs::remove(path);
  fs::rename(elsewhere, path);
  CHECK(fixture.content_of(fixture.profile) == "content");  // the twin
}

TEST_CASE("the older of two saves is superseded, and a dump that is none is refused; the kept state stays", "[vault]") {
  VaultFixture fixture;
  fixture.save_first(fixture.profile, "kept");
  CHECK(fixture.save(fixture.profile, 0, archive_with("late")).failure->reason == SaveFailureReason::superseded);
  auto nonsense = MemoryFile::of("nonsense");
  REQUIRE(nonsense);
  CHECK(fixture.save(fixture.profile, 1, std::move(*nonsense)).failure->reason == SaveFailureReason::degenerate_dump);
  auto empty = StateArchiveWriter::begin()->finish();
  REQUIRE(empty);
  CHECK(fixture.save(fixture.profile, 1, std::move(*empty)).failure->reason == SaveFailureReason::degenerate_dump);
  CHECK(fixture.save(fixture.profile, 1, MemoryFile()).failure->reason == SaveFailureReason::degenerate_dump);
  auto open = MemoryFile::create();
  REQUIRE(open);
  REQUIRE(open->append(*archive_with("unsealed").content()));
  CHECK(fixture.save(fixture.profile, 1, std::move(*open)).failure->reason == SaveFailureReason::degenerate_dump);
  CHECK(fixture.content_of(fixture.profile) == "kept");
  CHECK(fixture.files() == 1);
}

TEST_CASE("when the profile's row cannot be written, the old state stays and the new file goes", "[vault]") {
  VaultFixture fixture;
  fixture.save_first(fixture.profile, "kept");
  const RecordState refuse_it = [](db::Transaction&, const StoredState&) -> AsyncResult<> {
    co_return Error(Errc::not_found, "the profile is in the trash");
  };
  CHECK(fixture.save(fixture.profile, 1, archive_with("new"), refuse_it).failure->reason == SaveFailureReason::upload_failed);
  CHECK(fixture.content_of(fixture.profile) == "kept");
  CHECK(fixture.files() == 1);
}

TEST_CASE("what a crash leaves between file and row is removed at the next start, and the old state opens", "[vault][crash]") {
  VaultFixture fixture;
  fixture.save_first(fixture.profile, "kept");
  const std::string whole = read_file(fixture.file_of(fixture.profile, 1));
  write_file(fixture.file_of(fixture.profile, 2) + ".new", whole.substr(0, 20));  // killed while it was written
  write_file(fixture.file_of(fixture.profile, 2), whole);                         // killed before the row was
  write_file(fixture.file_of(fixture.profile, 0), whole);                         // killed before the older one was removed
  CHECK(fixture.content_of(fixture.profile) == "kept");
  REQUIRE(fixture.run(fixture.vault.prepare(*fixture.call)));
  CHECK(fixture.files() == 1);
  CHECK(fixture.content_of(fixture.profile) == "kept");
  REQUIRE(fixture.save(fixture.profile, 1, archive_with("next")).stored);
  CHECK(fixture.content_of(fixture.profile) == "next");
}

TEST_CASE("trimming drops what can be fetched again and says what it gained", "[vault]") {
  VaultFixture fixture;
  CHECK_FALSE(fixture.run(fixture.vault.trim(*fixture.call, fixture.profile, nullptr))->stored);
  std::string noise(100'000, '\0');
  fill_random(std::as_writable_bytes(std::span(noise)));
  REQUIRE(fixture.save(fixture.profile, 0, archive_with("kept", noise)).stored);
  const auto trimmed = fixture.run(fixture.vault.trim(*fixture.call, fixture.profile, nullptr));
  REQUIRE(trimmed);
  REQUIRE(trimmed->stored);
  CHECK(trimmed->bytes_reclaimed > 90'000);
  CHECK(trimmed->stored->size_bytes < 1'000);
  CHECK(fixture.content_of(fixture.profile) == "kept");
}

TEST_CASE("once the key is destroyed, even a file that was kept aside is of no use", "[vault][guard]") {
  VaultFixture fixture;
  fixture.save_first(fixture.profile, "secret");
  const std::string path = fixture.file_of(fixture.profile, 1), kept_aside = read_file(path);
  REQUIRE(fixture.run(fixture.vault.erase(*fixture.call, fixture.profile)));
  CHECK(fixture.files() == 0);
  CHECK_FALSE(*fixture.run(fixture.vault.stored(*fixture.call, fixture.profile)));
  fixture.save_first(fixture.profile, "another life");
  write_file(path, kept_aside);
  CHECK_FALSE(fixture.content_of(fixture.profile));
}

}  // namespace
}  // namespace driftstack::sessions::test
