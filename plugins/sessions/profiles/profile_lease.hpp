#pragma once
// One live session per profile: a row with the session as owner, taken in the transaction that inserts the session and freed in the one
// that ends it. A server that starts frees what its last run held. [io-thread]

#include <cstdint>
#include <optional>
#include <string>

#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/task.hpp"
#include "driftstack/uuid.hpp"
#include "profiles/profile.hpp"
#include "vault/profile_vault.hpp"

namespace driftstack::sessions {

/// A session's wish to run on a profile.
struct ProfileClaim {
  Uuid account;
  ProfileId profile;
  std::optional<std::int64_t> storage_cap;  ///< bytes; nothing where the tier only warns
  std::string tier;
};

/// Under the lock of the account's sessions, so that what it answers holds until the transaction ends. profile_in_use,
/// storage_quota_exceeded.
AsyncResult<> check_claim(db::Transaction& tx, const ProfileClaim& claim);
/// Under the same lock: profile_in_use when a session runs on the profile.
AsyncResult<> must_be_without_session(db::Transaction& tx, const ProfileRef& profile);
/// Takes the lease and notes the use. not_found when the profile went away since it was looked up.
AsyncResult<> take_lease(db::Transaction& tx, const ProfileClaim& claim, const Uuid& session, const std::string& node, std::int64_t now);
/// Ok for a session that holds none.
AsyncResult<> free_lease(db::Transaction& tx, const Uuid& session);
/// Frees all leases of this server's last run.
AsyncResult<> free_leases_of_node(db::Transaction& tx, const std::string& node);

}  // namespace driftstack::sessions
