#include "kernel/plugins/build_facts.hpp"

#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>

namespace driftstack::kernel {
namespace {

// Ours is 60 bytes; linkers add a few hundred. A larger segment is not one that a compiler made.
constexpr std::size_t kNoteSegmentLimit = std::size_t{64} << 10;
// A shared library has about ten.
constexpr std::size_t kProgramHeaderLimit = 256;
// size, sdk_major, sdk_minor: the part of the facts whose layout never changes.
constexpr std::size_t kStableFacts = 8;

Error not_usable(std::string reason) { return Error(Errc::unavailable, std::move(reason)); }

bool read_exactly(int descriptor, void* into, std::size_t size, std::uint64_t offset) {
  auto* at = static_cast<char*>(into);
  while (size > 0) {
    const ssize_t count = ::pread(descriptor, at, size, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    at += count;
    offset += static_cast<std::uint64_t>(count);
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

template <typename T>
T load(const char* from) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

std::size_t padded(std::size_t size, std::size_t alignment) { return (size + alignment - 1) / alignment * alignment; }

/// The descriptor of our note within one note segment, if it is there.
std::optional<std::string_view> find_note(std::string_view segment, std::size_t alignment) {
  while (segment.size() >= sizeof(Elf64_Nhdr)) {
    const auto header = load<Elf64_Nhdr>(segment.data());
    const std::size_t name_end = sizeof(Elf64_Nhdr) + std::size_t{header.n_namesz};
    const std::size_t facts_at = padded(name_end, alignment);
    const std::size_t facts_end = facts_at + std::size_t{header.n_descsz};
    if (facts_end > segment.size()) return std::nullopt;
    const std::string_view name = segment.substr(sizeof(Elf64_Nhdr), header.n_namesz);
    if (header.n_type == kNoteType && name == std::string_view(kNoteName, kNoteNameSize)) return segment.substr(facts_at, header.n_descsz);
    segment.remove_prefix(std::min(padded(facts_end, alignment), segment.size()));
  }
  return std::nullopt;
}

Result<Elf64_Ehdr> read_header(int descriptor) {
  Elf64_Ehdr header{};
  if (!read_exactly(descriptor, &header, sizeof header, 0) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return not_usable("is not an ELF file");
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
    return not_usable("is not a 64-bit little-endian ELF file");
  }
  if (header.e_type != ET_DYN) return not_usable("is not a shared library");
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 || header.e_phnum > kProgramHeaderLimit) {
    return not_usable("has a broken ELF header");
  }
  return header;
}

Result<BuildFacts> facts_from(std::string_view note) {
  BuildFacts facts{};
  if (note.size() < kStableFacts) return not_usable("has a build note that is too short");
  // A plugin of another SDK may have more or fewer facts; what is missing stays zero and `size` tells.
  std::memcpy(&facts, note.data(), std::min(note.size(), sizeof facts));
  if (facts.size != note.size()) return not_usable("has a build note whose size contradicts itself");
  return facts;
}

std::string compiler_name(std::uint32_t compiler) {
  const std::string_view family = (compiler >> 16) == 1 ? "g++ " : (compiler >> 16) == 2 ? "clang " : "unknown ";
  return std::string(family) + std::to_string(compiler & 0xffff);
}

std::string sanitizer_name(std::uint8_t sanitizer) {
  return sanitizer == 0 ? "none" : sanitizer == 1 ? "address" : sanitizer == 2 ? "thread" : std::to_string(sanitizer);
}

std::string difference(std::string_view field, const std::string& plugin, const std::string& host) {
  return std::string(field) + ": plugin " + plugin + ", host " + host;
}

}  // namespace

Result<BuildFacts> read_build_facts(int descriptor) {
  const auto header = read_header(descriptor);
  if (!header) return header.error();
  for (std::size_t index = 0; index < header->e_phnum; ++index) {
    Elf64_Phdr segment{};
    if (!read_exactly(descriptor, &segment, sizeof segment, header->e_phoff + index * sizeof segment))
      return not_usable("has a broken ELF header");
    if (segment.p_type != PT_NOTE || segment.p_filesz > kNoteSegmentLimit) continue;
    std::string notes(segment.p_filesz, '\0');
    if (!read_exactly(descriptor, notes.data(), notes.size(), segment.p_offset)) return not_usable("is cut short");
    if (const auto note = find_note(notes, segment.p_align == 8 ? 8 : 4)) return facts_from(*note);
  }
  return not_usable("has no build note; build it with driftstack_add_plugin() and DRIFTSTACK_PLUGIN()");
}

std::vector<std::string> build_differences(const BuildFacts& plugin, const BuildFacts& host) {
  std::vector<std::string> out;
  const auto compare = [&out](std::string_view field, std::uint32_t of_plugin, std::uint32_t of_host) {
    if (of_plugin != of_host) out.push_back(difference(field, std::to_string(of_plugin), std::to_string(of_host)));
  };
  compare("sdk_major", plugin.sdk_major, host.sdk_major);
  const bool minor_fits = host.sdk_major == 0 ? plugin.sdk_minor == host.sdk_minor : plugin.sdk_minor <= host.sdk_minor;
  if (!minor_fits) compare("sdk_minor", plugin.sdk_minor, host.sdk_minor);
  compare("size", plugin.size, host.size);
  if (plugin.size != host.size) return out;  // the fields behind it cannot be told apart
  if (plugin.compiler != host.compiler) out.push_back(difference("compiler", compiler_name(plugin.compiler), compiler_name(host.compiler)));
  compare("cxx_abi", plugin.cxx_abi, host.cxx_abi);
  compare("libstdcxx", plugin.libstdcxx, host.libstdcxx);
  compare("cxx11_strings", plugin.cxx11_strings, host.cxx11_strings);
  compare("debug_containers", plugin.debug_containers, host.debug_containers);
  if (plugin.sanitizer != host.sanitizer)
    out.push_back(difference("sanitizer", sanitizer_name(plugin.sanitizer), sanitizer_name(host.sanitizer)));
  compare("pointer_bits", plugin.pointer_bits, host.pointer_bits);
  compare("sizeof_string", plugin.sizeof_string, host.sizeof_string);
  compare("sizeof_error", plugin.sizeof_error, host.sizeof_error);
  compare("sizeof_promise_head", plugin.sizeof_promise_head, host.sizeof_promise_head);
  return out;
}

}  // namespace driftstack::kernel
