#include "driftstack/support/state_archive.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>

namespace driftstack {
namespace {

MemoryFile sample() {
  auto writer = StateArchiveWriter::begin();
  REQUIRE(writer);
  REQUIRE(writer->add("cache/CacheStorage/x", StateKind::refetchable, "response"));
  REQUIRE(writer->add("cookies.json", StateKind::kept, "[]"));
  REQUIRE(writer->add("data/storage/salt", StateKind::kept, std::string("\0\1\2", 3)));
  auto archive = writer->finish();
  REQUIRE(archive);
  return std::move(*archive);
}

/// The sample's bytes after a change of them.
MemoryFile changed(const std::function<void(std::string&)>& change) {
  std::string bytes = *sample().content();
  change(bytes);
  auto file = MemoryFile::of(bytes);
  REQUIRE(file);
  return std::move(*file);
}

void replace(std::string& bytes, const std::string& from, const std::string& to) {
  REQUIRE(from.size() == to.size());
  bytes.replace(bytes.find(from), from.size(), to);
}

TEST_CASE("what was put into a state archive comes out of it", "[state_archive]") {
  const MemoryFile archive = sample();
  CHECK(archive.is_sealed());
  const auto entries = read_state_archive(archive);
  REQUIRE(entries);
  REQUIRE(entries->size() == 3);
  CHECK((*entries)[0].kind == StateKind::refetchable);
  CHECK((*entries)[1].path == "cookies.json");
  CHECK(*read_state_entry(archive, (*entries)[2]) == std::string("\0\1\2", 3));
}

TEST_CASE("a trimmed state archive has lost what can be fetched again, and nothing else", "[state_archive]") {
  const auto trimmed = trim_state_archive(sample());
  REQUIRE(trimmed);
  const auto entries = read_state_archive(*trimmed);
  REQUIRE(entries);
  REQUIRE(entries->size() == 2);
  CHECK(*read_state_entry(*trimmed, (*entries)[0]) == "[]");
}

TEST_CASE("paths that could leave the folder, hide, or mean two things are no state paths", "[state_archive][guard]") {
  for (const char* good : {"a", "data/storage/salt", "IndexedDB/A-b_c=.sqlite3-wal", "a/b/c/d/e/f/g/h/i/j/k/l"}) CHECK(is_state_path(good));
  for (const char* bad : {"", "/", "/etc/passwd", "..", "../x", "a/../b", "a/..", ".hidden", "a/.b", "a//b", "a/", "a b", "a\\b", "a\nb",
                          "ä", "a/b/c/d/e/f/g/h/i/j/k/l/m"}) {
    INFO(bad);
    CHECK_FALSE(is_state_path(bad));
  }
  CHECK_FALSE(is_state_path(std::string("a\0b", 3)));
  CHECK_FALSE(is_state_path(std::string(kMostStatePath + 1, 'a')));
}

TEST_CASE("an archive that breaks a rule is refused as a whole", "[state_archive][guard]") {
  CHECK(read_state_archive(changed([](std::string&) {})));  // the twin: unchanged it is fine
  CHECK_FALSE(read_state_archive(MemoryFile()));
  CHECK_FALSE(read_state_archive(changed([](std::string& bytes) { bytes.clear(); })));
  CHECK_FALSE(read_state_archive(changed([](std::string& bytes) { bytes[0] = 'X'; })));
  CHECK_FALSE(read_state_archive(changed([](std::string& bytes) { bytes += 'x'; })));
  CHECK_FALSE(read_state_archive(changed([](std::string& bytes) { replace(bytes, "cookies.json", "../../etc/x1"); })));
  CHECK_FALSE(read_state_archive(changed([](std::string& bytes) { replace(bytes, "cookies.json", "/etc/passwd1"); })));
  CHECK_FALSE(read_state_archive(changed([](std::string& bytes) { replace(bytes, "cookies.json", "zookies.json"); })));  // not ascending
  CHECK_FALSE(read_state_archive(changed([](std::string& bytes) { bytes[8] = 3; })));                                    // unknown kind
  CHECK_FALSE(read_state_archive(changed([](std::string& bytes) { bytes[8 + 3 + 7] = '\x7f'; })));                       // a size of 2^62
  CHECK_FALSE(read_state_archive(changed([](std::string& bytes) { bytes[8 + 3 + 7] = '\xff'; })));                       // a negative size
  CHECK_FALSE(read_state_archive(changed([](std::string& bytes) { bytes[bytes.size() - 4] = 4; })));                     // wrong number
}

TEST_CASE("an archive that was cut anywhere is refused", "[state_archive][guard]") {
  const std::string whole = *sample().content();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    const auto file = MemoryFile::of(whole.substr(0, size));
    REQUIRE(file);
    CHECK_FALSE(read_state_archive(*file));
  }
}

TEST_CASE("a writer takes neither foreign paths, nor wrong order, nor more than an archive holds", "[state_archive][guard]") {
  auto writer = StateArchiveWriter::begin();
  REQUIRE(writer);
  CHECK(writer->add("../x", StateKind::kept, "").error().code == Errc::bad_request);
  REQUIRE(writer->add("b", StateKind::kept, ""));
  CHECK(writer->add("a", StateKind::kept, "").error().code == Errc::bad_request);
  CHECK(writer->add("b", StateKind::kept, "").error().code == Errc::bad_request);
  const auto empty = MemoryFile::create();
  REQUIRE(empty);
  CHECK(writer->add_from("c", StateKind::kept, empty->descriptor(), 0, kMostStateArchiveBytes).error().code == Errc::payload_too_large);
  CHECK(writer->add_from("c", StateKind::kept, empty->descriptor(), 0, 1).error().code == Errc::bad_request);
}

TEST_CASE("a sealed file in memory can neither be changed nor be mistaken for a pipe", "[memory_file][guard]") {
  const auto open = MemoryFile::create();
  REQUIRE(open);
  CHECK_FALSE(open->is_sealed());
  auto sealed = MemoryFile::of("content");
  REQUIRE(sealed);
  CHECK(sealed->is_sealed());
  CHECK_FALSE(sealed->append("more"));
  CHECK(*sealed->content() == "content");
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const MemoryFile reader(ends[0]), writer(ends[1]);
  CHECK_FALSE(reader.is_sealed());
}

}  // namespace
}  // namespace driftstack
