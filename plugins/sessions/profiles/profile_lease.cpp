#include "profiles/profile_lease.hpp"

#include <utility>

#include "driftstack/support/json.hpp"

namespace driftstack::sessions {
namespace {

constinit const db::Statement kSelectOwner("SELECT session_id FROM profile_leases WHERE profile_id = $1");
constinit const db::Statement kSumSizes(
    "SELECT CAST(coalesce(sum(size_bytes), 0) AS bigint) FROM profiles WHERE account_id = $1 AND deleted_at IS NULL");
constinit const db::Statement kNoteUse("UPDATE profiles SET last_used_at = $3 WHERE id = $1 AND account_id = $2 AND deleted_at IS NULL");
constinit const db::Statement kInsertLease(
    "INSERT INTO profile_leases (profile_id, session_id, node) VALUES ($1, $2, $3) ON CONFLICT (profile_id) DO NOTHING");
constinit const db::Statement kDeleteLease("DELETE FROM profile_leases WHERE session_id = $1");
constinit const db::Statement kDeleteLeasesOfNode("DELETE FROM profile_leases WHERE node = $1");

Error in_use(std::string_view session) {
  return Error(Errc::profile_in_use, "A session runs on this profile; a profile has one at a time.")
      .with_members("\"active_session_id\":\"ses_" + std::string(session) + "\"");
}

Error quota_exceeded(std::int64_t used, std::int64_t cap, std::string_view tier) {
  std::string members = "\"used_bytes\":" + std::to_string(used) + ",\"cap_bytes\":" + std::to_string(cap) + ",\"tier\":";
  wire::append_json_string(members, tier);
  return Error(Errc::storage_quota_exceeded, "The account's profiles take " + std::to_string(used) + " bytes; its tier permits " +
                                                 std::to_string(cap) + ". Sessions without a profile still start.")
      .with_members(std::move(members));
}

AsyncResult<> must_be_free(db::Transaction& tx, const Uuid& profile) {
  auto owner = co_await tx.run(kSelectOwner, db::values(profile.to_text()));
  if (!owner) co_return std::move(owner).error();
  if (!owner->empty()) co_return in_use((*owner)[0].text(0));
  co_return Done();
}

}  // namespace

AsyncResult<> must_be_without_session(db::Transaction& tx, const ProfileRef& profile) { return must_be_free(tx, profile.profile); }

AsyncResult<> check_claim(db::Transaction& tx, const ProfileClaim& claim) {
  auto free = co_await must_be_free(tx, claim.profile.uuid());
  if (!free) co_return std::move(free).error();
  if (!claim.storage_cap) co_return Done();
  auto sum = co_await tx.run(kSumSizes, db::values(claim.account.to_text()));
  if (!sum) co_return std::move(sum).error();
  const std::int64_t used = (*sum)[0].integer(0);
  if (used >= *claim.storage_cap) co_return quota_exceeded(used, *claim.storage_cap, claim.tier);
  co_return Done();
}

AsyncResult<> take_lease(db::Transaction& tx, const ProfileClaim& claim, const Uuid& session, const std::string& node, std::int64_t now) {
  auto used = co_await tx.run(kNoteUse, db::values(claim.profile.uuid().to_text(), claim.account.to_text(), now));
  if (!used) co_return std::move(used).error();
  if (used->changed() == 0) co_return no_such_profile();
  auto taken = co_await tx.run(kInsertLease, db::values(claim.profile.uuid().to_text(), session.to_text(), node));
  if (!taken) co_return std::move(taken).error();
  if (taken->changed() == 1) co_return Done();
  co_return co_await must_be_free(tx, claim.profile.uuid());
}

AsyncResult<> free_lease(db::Transaction& tx, const Uuid& session) {
  auto freed = co_await tx.run(kDeleteLease, db::values(session.to_text()));
  if (!freed) co_return std::move(freed).error();
  co_return Done();
}

AsyncResult<> free_leases_of_node(db::Transaction& tx, const std::string& node) {
  auto freed = co_await tx.run(kDeleteLeasesOfNode, db::values(node));
  if (!freed) co_return std::move(freed).error();
  co_return Done();
}

}  // namespace driftstack::sessions
