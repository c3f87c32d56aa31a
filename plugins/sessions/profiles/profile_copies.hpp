#pragma once
// Profiles made from others: clone, export, import (sessions.md 7.11, 7.13, 7.14). What is copied is the record, never the browser state.

#include "archetype_catalog.hpp"
#include "driftstack/host.hpp"
#include "driftstack/http.hpp"
#include "driftstack/roles/accounts.hpp"
#include "profiles/profile_store.hpp"
#include "profiles/profile_wire.hpp"

namespace driftstack::sessions {

/// [io-thread]
class ProfileCopies {
 public:
  ProfileCopies(Host& host, ProfileStore& store, const AccountDirectory& accounts, const ArchetypeCatalog& catalog)
      : host_(host), store_(store), accounts_(accounts), catalog_(catalog) {}

  /// not_found, conflict (name, or no free one among the generated), tier_limit.
  AsyncResult<body::Profile> clone(const Call& call, ProfileId source, body::ProfileClone wanted, IdempotencyRecord* record);
  /// Writes an audit entry although it changes nothing.
  AsyncResult<body::ProfileEnvelope> export_one(const Call& call, ProfileId id);
  /// Always a fresh profile, whoever exported the envelope. validation_failed (archetype), conflict, tier_limit.
  AsyncResult<body::Profile> import_one(const Call& call, body::ProfileImport wanted, IdempotencyRecord* record);

 private:
  Host& host_;
  ProfileStore& store_;
  const AccountDirectory& accounts_;
  const ArchetypeCatalog& catalog_;
};

}  // namespace driftstack::sessions
