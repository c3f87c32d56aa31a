#include "time_zones.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

namespace driftstack::identity {
namespace {

constexpr std::string_view kMagic = "TZif";  // RFC 8536, section 3.1

/// Names of files that lie beside the zones and are none.
constexpr std::array<std::string_view, 2> kAliases = {"localtime", "posixrules"};
/// Copies of the whole tree under other leap-second rules.
constexpr std::array<std::string_view, 2> kCopies = {"posix/", "right/"};

/// Letters, digits, `_`, `+`, `-` in parts separated by one slash: nothing that could leave the directory.
bool is_zone_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-' || c == '/';
  };
  if (name.empty() || name.front() == '/' || name.back() == '/' || name.find("//") != std::string_view::npos) return false;
  if (!std::all_of(name.begin(), name.end(), plain)) return false;
  if (std::find(kAliases.begin(), kAliases.end(), name) != kAliases.end()) return false;
  return std::none_of(kCopies.begin(), kCopies.end(), [&](std::string_view copy) { return name.substr(0, copy.size()) == copy; });
}

}  // namespace

TimeZoneCheck check_time_zone(std::string_view name, const std::string& directory) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(directory, ignored)) return TimeZoneCheck::no_database;
  if (!is_zone_name(name)) return TimeZoneCheck::unknown;
  const std::filesystem::path path = std::filesystem::path(directory) / std::string(name);
  if (!std::filesystem::is_regular_file(path, ignored)) return TimeZoneCheck::unknown;
  std::ifstream file(path, std::ios::binary);
  std::array<char, kMagic.size()> magic{};
  file.read(magic.data(), magic.size());
  return file && std::string_view(magic.data(), magic.size()) == kMagic ? TimeZoneCheck::known : TimeZoneCheck::unknown;
}

}  // namespace driftstack::identity
