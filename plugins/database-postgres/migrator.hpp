#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"

namespace driftstack::database_postgres {

/// Checks that the database can hold our data: version, byte order of text, durability. Blocks. [worker]
Result<> check_database(const std::string& connection_text);

/// Applies the pending steps of a plugin, one transaction each. Several starting servers queue up behind an advisory lock. Blocks. [worker]
Result<> migrate_database(const std::string& connection_text, const std::string& plugin, std::span<const db::Migration> migrations,
                          std::int64_t now);

}  // namespace driftstack::database_postgres
