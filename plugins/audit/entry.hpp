#pragma once
// Entries and heads of chains as they are stored.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/host.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/support/public_id.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack::audit {

using AccountId = PublicId<"acc">;
using KeyId = PublicId<"key">;

/// The digest that ties an entry to all before it.
using Link = Digest;

/// An entry with its place. Times are unix microseconds.
struct StoredEntry {
  StoredEntry(const Uuid& id, AuditEntry entry) : id(id), entry(std::move(entry)) {}
  Uuid id;
  AuditEntry entry;
  std::int64_t created_at = 0;
  std::int64_t sequence = 0;  ///< from 1, without gaps, per account
  Link link{};
};

/// How far a chain goes, kept apart from its entries so that a cut tail shows.
struct Head {
  std::int64_t entries = 0;
  Link link{};  ///< of the last entry; all zero for none
  Digest seal{};
};

std::string_view actor_text(AuditActor actor) noexcept;
std::optional<AuditActor> actor_from_text(std::string_view text) noexcept;

}  // namespace driftstack::audit
