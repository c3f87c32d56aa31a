#pragma once
// What a plugin says about its build, readable from the file before anything of it runs.

#include <cstdint>
#include <string>
#include <string_view>

#include "driftstack/result.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {

/// Version of the SDK. Major must be equal; a plugin's minor may be lower than the host's, never higher. While major is 0, minor must be
/// equal.
inline constexpr std::uint16_t kSdkMajor = 0;
inline constexpr std::uint16_t kSdkMinor = 1;

/// Name and revision of an interface. A released revision never changes; the host may append methods to interfaces that it implements.
struct InterfaceId {
  std::string_view name;
  std::uint16_t revision;
  friend constexpr bool operator==(const InterfaceId&, const InterfaceId&) = default;
};

/// Facts about how a shared object was built. Stored in the ELF note `.note.driftstack.plugin`, compared field by field before dlopen.
struct BuildFacts {
  std::uint32_t size;
  std::uint16_t sdk_major, sdk_minor;
  std::uint32_t compiler;   ///< 1 g++, 2 clang; major version in the low half
  std::uint32_t cxx_abi;    ///< __GXX_ABI_VERSION
  std::uint32_t libstdcxx;  ///< __GLIBCXX__ date stamp, 0 with another library
  std::uint8_t cxx11_strings, debug_containers, sanitizer, pointer_bits;
  std::uint16_t sizeof_string, sizeof_error, sizeof_promise_head, reserved;
  friend constexpr bool operator==(const BuildFacts&, const BuildFacts&) = default;
};

/// Note name and type, as stored in the ELF file.
inline constexpr char kNoteName[12] = "driftstack";  // padded to a multiple of four
inline constexpr std::uint32_t kNoteNameSize = 11;   // with its terminating zero
inline constexpr std::uint32_t kNoteType = 1;

/// The one exported symbol.
inline constexpr char kEntrySymbol[] = "driftstack_plugin_create_v1";

namespace detail {
constexpr std::uint32_t compiler_fact() noexcept {
#if defined(__clang__)
  return (2u << 16) | __clang_major__;
#else
  return (1u << 16) | __GNUC__;
#endif
}
constexpr std::uint8_t sanitizer_fact() noexcept {
#if defined(__SANITIZE_THREAD__)
  return 2;
#elif defined(__SANITIZE_ADDRESS__)
  return 1;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return 2;
#elif __has_feature(address_sanitizer)
  return 1;
#else
  return 0;
#endif
#else
  return 0;
#endif
}
}  // namespace detail

/// The facts of the translation unit that asks.
constexpr BuildFacts build_facts() noexcept {
  // clang-format off
  return BuildFacts{
      sizeof(BuildFacts),
      kSdkMajor,
      kSdkMinor,
      detail::compiler_fact(),
      __GXX_ABI_VERSION,
#if defined(__GLIBCXX__)
      __GLIBCXX__,
#else
      0,
#endif
#if defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
      1,
#else
      0,
#endif
#if defined(_GLIBCXX_DEBUG)
      1,
#else
      0,
#endif
      detail::sanitizer_fact(),
      sizeof(void*) * 8,
      sizeof(std::string),
      sizeof(Error),
      sizeof(detail::PromiseHead),
      0,
  };
  // clang-format on
}

/// The note as it lies in the file (ELF: name size, descriptor size, type, name, descriptor; each part padded to four bytes).
struct BuildNote {
  std::uint32_t name_size, facts_size, type;
  char name[12];
  BuildFacts facts;
};

}  // namespace v1
}  // namespace driftstack
