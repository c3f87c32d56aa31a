/// Which steps of a plugin's schema are still to be applied. For engines of the Database role, so that all of them decide alike.
///
/// Thread: [any-thread]. Errors: Errc::misuse for a badly numbered list, Errc::internal for data that this binary must not touch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"

namespace driftstack::db {

/// A step that the database remembers.
struct AppliedMigration {
  AppliedMigration(std::int64_t number, std::string checksum) : number(number), checksum(std::move(checksum)) {}
  std::int64_t number;
  std::string checksum;
};

/// FNV-1a, 64 bits, in hexadecimal. It finds a step that was edited by accident; who can write to the database needs no collision.
inline std::string migration_checksum(std::string_view sql) {
  constexpr std::uint64_t kOffsetBasis = 0xcbf29ce484222325U;  // draft-eastlake-fnv, section 5
  constexpr std::uint64_t kPrime = 0x100000001b3U;             // draft-eastlake-fnv, section 5
  std::uint64_t hash = kOffsetBasis;
  for (const char c : sql) hash = (hash ^ static_cast<std::uint8_t>(c)) * kPrime;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = text.size(); i-- > 0; hash >>= 4U) text[i] = kDigits[hash & 0xFU];
  return text;
}

/// The index of the first step to apply. `applied` is what the database remembers of this plugin, in the order of the numbers.
inline Result<std::size_t> first_pending_migration(std::string_view plugin, std::span<const AppliedMigration> applied,
                                                   std::span<const Migration> migrations) {
  const std::string name(plugin);
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].number == static_cast<int>(i) + 1) continue;
    return Error(Errc::misuse, "migrations of " + name + " are not numbered 1, 2, 3, ...: entry " + std::to_string(i + 1) + " has number " +
                                   std::to_string(migrations[i].number));
  }
  if (applied.size() > migrations.size()) {
    return Error(Errc::internal, "the tables of " + name + " are at step " + std::to_string(applied.back().number) +
                                     ", this version knows only " + std::to_string(migrations.size()) +
                                     ": the data was written by a newer version; start that one");
  }
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (applied[i].number == migrations[i].number && applied[i].checksum == migration_checksum(migrations[i].sql)) continue;
    return Error(Errc::internal, "migration " + std::to_string(migrations[i].number) + " of " + name + " (" + migrations[i].name +
                                     ") is not the one that was applied to this database: a released step never changes");
  }
  return applied.size();
}

}  // namespace driftstack::db
