#include "kernel/plugins/pins.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>
#include <utility>

#include "kernel/config/document.hpp"
#include "kernel/plugins/manifest.hpp"
#include "kernel/plugins/trusted_path.hpp"

namespace driftstack::kernel {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Error broken(const Finding& finding) { return Error(Errc::bad_request, finding.line()); }

Result<Pins> parse_pins(const std::string& text, const std::string& path) {
  const Checked<ConfigNode> parsed = parse_toml(text, path);
  if (!parsed.value) return broken(parsed.findings.front());
  const ConfigNode* table = parsed.value->find("sha256");
  if (table == nullptr || table->kind != ConfigNode::Kind::table || parsed.value->entries.size() != 1) {
    return Error(Errc::bad_request, path + ": holds one table, [sha256], with one \"name\" = \"hex\" a line");
  }
  Pins pins;
  for (const auto& [plugin, hash] : table->entries) {
    if (hash.kind != ConfigNode::Kind::string || !is_sha256(hash.text)) {
      return broken(Finding{hash.origin, join_key("sha256", plugin), "not a SHA-256; write 64 hex digits"});
    }
    pins.emplace(plugin, Pin{lower(hash.text), path});
  }
  return pins;
}

std::string pins_text(const Pins& pins) {
  std::string text = "# SHA-256 of each plugin library. A library that differs from its pin is not loaded.\n[sha256]\n";
  for (const auto& [plugin, pin] : pins) text += in_quotes_whole(plugin) + " = " + in_quotes_whole(pin.sha256) + "\n";
  return text;
}

Error failed(const std::filesystem::path& path) {
  return Error(Errc::unavailable, path.string() + " cannot be written: " + std::generic_category().message(errno));
}

/// Writes beside the file, then renames, so that a reader sees the old pins or the new ones.
Result<> replace_file(const Descriptor& folder_path_only, const std::filesystem::path& folder, const std::string& text) {
  const std::string temporary = std::string(kPinsFile) + ".new";
  const int at = folder_path_only.get();
  ::unlinkat(at, temporary.c_str(), 0);
  Descriptor file(::openat(at, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (file.get() < 0) return failed(folder / temporary);
  const ssize_t written = ::write(file.get(), text.data(), text.size());
  const bool whole = written >= 0 && static_cast<std::size_t>(written) == text.size();
  if (!whole || ::fchmod(file.get(), 0644) != 0 || ::fsync(file.get()) != 0) return failed(folder / temporary);
  if (::renameat(at, temporary.c_str(), at, kPinsFile) != 0) return failed(folder / kPinsFile);
  return Done{};
}

}  // namespace

Result<Pins> read_pins(const std::filesystem::path& plugins_dir, uid_t user) {
  const auto folder = open_trusted_folder(plugins_dir, user);
  if (!folder) return folder.error();
  const auto file = open_trusted_file(*folder, plugins_dir, kPinsFile, user);
  if (!file && file.error().code == Errc::not_found) return Pins{};
  if (!file) return file.error();
  const std::string shown = (plugins_dir / kPinsFile).string();
  const auto text = read_small_file(*file, shown);
  if (!text) return text.error();
  return parse_pins(*text, shown);
}

Pins with_configured_pins(Pins pins, const CheckedSettings& settings) {
  for (const auto& [name, table] : settings.table("plugins").tables()) {
    if (!table.has("sha256")) continue;
    pins.insert_or_assign(name, Pin{lower(table.string("sha256")), table.origin("sha256").text()});
  }
  return pins;
}

Result<> write_pin(const std::filesystem::path& plugins_dir, const std::string& plugin, const std::string& sha256, uid_t user) {
  auto pins = read_pins(plugins_dir, user);
  if (!pins) return pins.error();
  const auto folder = open_trusted_folder(plugins_dir, user);
  if (!folder) return folder.error();
  pins->insert_or_assign(plugin, Pin{lower(sha256), ""});
  return replace_file(*folder, plugins_dir, pins_text(*pins));
}

}  // namespace driftstack::kernel
