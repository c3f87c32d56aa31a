#include "kernel/plugins/build_facts.hpp"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "kernel/plugins/descriptor.hpp"
#include "tests/unit/kernel/scratch_folder.hpp"

using namespace driftstack;
using namespace driftstack::kernel;
using driftstack::kernel::test::ScratchFolder;

namespace {

void append(std::string& to, const void* data, std::size_t size) { to.append(static_cast<const char*>(data), size); }

std::string note(const std::string& name, std::uint32_t type, const std::string& content) {
  const Elf64_Nhdr header{static_cast<Elf64_Word>(name.size()), static_cast<Elf64_Word>(content.size()), type};
  std::string out;
  append(out, &header, sizeof header);
  out += name;
  out.resize((out.size() + 3) / 4 * 4);
  out += content;
  out.resize((out.size() + 3) / 4 * 4);
  return out;
}

std::string our_note(const BuildFacts& facts) {
  std::string content;
  append(content, &facts, sizeof facts);
  return note(std::string(kNoteName, kNoteNameSize), kNoteType, content);
}

/// The smallest file that has the headers of a library and one note segment.
std::string elf(const std::string& notes) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_DYN;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_filesz = notes.size();
  segment.p_align = 4;
  std::string out;
  append(out, &header, sizeof header);
  append(out, &segment, sizeof segment);
  return out + notes;
}

Result<BuildFacts> read(const std::string& content) {
  ScratchFolder folder;
  const Descriptor file(::open(folder.write("lib.so", content).c_str(), O_RDONLY | O_CLOEXEC));
  return read_build_facts(file.get());
}

std::string refusal(const std::string& content) {
  const auto facts = read(content);
  REQUIRE_FALSE(facts);
  return facts.error().detail;
}

}  // namespace

TEST_CASE("the facts are found in the note segment, also behind other notes") {
  const auto facts = read(elf(our_note(build_facts())));
  REQUIRE(facts);
  CHECK(*facts == build_facts());
  CHECK(read(elf(note(std::string("GNU\0", 4), 3, "12345") + our_note(build_facts()))));
}

TEST_CASE("a file that is no library of ours is refused with the reason") {
  const std::string good = elf(our_note(build_facts()));
  CHECK(refusal("") == "is not an ELF file");
  CHECK(refusal("#!/bin/sh\necho this is long enough to hold an ELF header, but is a script\n") == "is not an ELF file");
  std::string wrong_class = good;
  wrong_class[EI_CLASS] = ELFCLASS32;
  CHECK(refusal(wrong_class) == "is not a 64-bit little-endian ELF file");
  std::string program = good;
  program[offsetof(Elf64_Ehdr, e_type)] = ET_EXEC;
  CHECK(refusal(program) == "is not a shared library");
  std::string no_headers = good;
  no_headers[offsetof(Elf64_Ehdr, e_phnum)] = 0;
  CHECK(refusal(no_headers) == "has a broken ELF header");
  CHECK(refusal(good.substr(0, sizeof(Elf64_Ehdr))) == "has a broken ELF header");
  CHECK(refusal(good.substr(0, good.size() - 4)) == "is cut short");
  const std::string none = "has no build note; build it with driftstack_add_plugin() and DRIFTSTACK_PLUGIN()";
  CHECK(refusal(elf("")) == none);
  CHECK(refusal(elf(note(std::string("driftstack\0", 11), 2, std::string(64, '\0')))) == none);
  CHECK(refusal(elf(note("driftstaff", 1, std::string(64, '\0')))) == none);
  CHECK(refusal(elf(note(std::string(kNoteName, kNoteNameSize), kNoteType, "1234"))) == "has a build note that is too short");
  CHECK(refusal(elf(note(std::string(kNoteName, kNoteNameSize), kNoteType, std::string(32, '\0')))) ==
        "has a build note whose size contradicts itself");
}

TEST_CASE("no changed byte makes the reader fail in another way than by an answer") {
  const std::string good = elf(note(std::string("GNU\0", 4), 3, "12345") + our_note(build_facts()));
  std::mt19937 random(20261123);  // fixed, so that a failure repeats
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = static_cast<char>(random());
    const auto facts = read(changed);
    if (!facts) CHECK_FALSE(facts.error().detail.empty());
  }
}

TEST_CASE("each fact that differs is named with both values") {
  struct Row {
    void (*change)(BuildFacts&);
    std::string line;
  };
  BuildFacts host = build_facts();
  host = BuildFacts{host.size, 1, 4, (1U << 16) | 12, 1017, 20220819, 1, 0, 0, 64, 32, 112, 16, 0};
  const Row rows[] = {
      {[](BuildFacts& facts) { facts.sdk_major = 2; }, "sdk_major: plugin 2, host 1"},
      {[](BuildFacts& facts) { facts.sdk_minor = 5; }, "sdk_minor: plugin 5, host 4"},
      {[](BuildFacts& facts) { facts.size = 44; }, "size: plugin 44, host " + std::to_string(host.size)},
      {[](BuildFacts& facts) { facts.compiler = (2U << 16) | 16; }, "compiler: plugin clang 16, host g++ 12"},
      {[](BuildFacts& facts) { facts.cxx_abi = 1018; }, "cxx_abi: plugin 1018, host 1017"},
      {[](BuildFacts& facts) { facts.libstdcxx = 0; }, "libstdcxx: plugin 0, host 20220819"},
      {[](BuildFacts& facts) { facts.cxx11_strings = 0; }, "cxx11_strings: plugin 0, host 1"},
      {[](BuildFacts& facts) { facts.debug_containers = 1; }, "debug_containers: plugin 1, host 0"},
      {[](BuildFacts& facts) { facts.sanitizer = 1; }, "sanitizer: plugin address, host none"},
      {[](BuildFacts& facts) { facts.pointer_bits = 32; }, "pointer_bits: plugin 32, host 64"},
      {[](BuildFacts& facts) { facts.sizeof_string = 8; }, "sizeof_string: plugin 8, host 32"},
      {[](BuildFacts& facts) { facts.sizeof_error = 40; }, "sizeof_error: plugin 40, host 112"},
      {[](BuildFacts& facts) { facts.sizeof_promise_head = 24; }, "sizeof_promise_head: plugin 24, host 16"},
  };
  CHECK(build_differences(host, host).empty());
  for (const Row& row : rows) {
    BuildFacts plugin = host;
    row.change(plugin);
    CHECK(build_differences(plugin, host) == std::vector<std::string>{row.line});
  }
}

TEST_CASE("an older minor version fits, but not while the major is 0") {
  BuildFacts host = build_facts();
  host.sdk_major = 1;
  host.sdk_minor = 4;
  BuildFacts plugin = host;
  plugin.sdk_minor = 3;
  CHECK(build_differences(plugin, host).empty());
  host.sdk_major = plugin.sdk_major = 0;
  CHECK(build_differences(plugin, host) == std::vector<std::string>{"sdk_minor: plugin 3, host 4"});
}
