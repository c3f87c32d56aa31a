#include "account_deletion.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "audit_payloads.hpp"
#include "driftstack/roles/second_factor.hpp"
#include "mail/mail_store.hpp"
#include "teams/team_removal.hpp"

namespace driftstack::identity {

namespace {

/// The keys that a member made for others end with the membership; every owner's log tells.
AsyncResult<> end_memberships(db::Transaction& transaction, std::vector<EndedMembership>& ended, Uuid member, std::int64_t now,
                              ChangeNumber change) {
  for (EndedMembership& membership : ended) {
    auto revoked = co_await in_transaction::revoke_keys_made_by(transaction, membership.owner, member, now, change);
    if (!revoked) co_return std::move(revoked).error();
    membership.revoked_keys = *std::move(revoked);
  }
  co_return Done();
}

/// Everything that the logs say, in the order in which two deletions never wait for each other.
std::vector<AuditEntry> entries_of(const Call& call, const std::vector<EndedMembership>& ended) {
  const AuditEntry deleted = AuditEntry::by_caller(call, kAccountDeleted);
  std::vector<AuditEntry> entries{deleted};
  for (const EndedMembership& membership : ended) {
    for (AuditEntry& entry : removal_entries(deleted, membership)) entries.push_back(std::move(entry));
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const AuditEntry& a, const AuditEntry& b) { return a.account.to_text() < b.account.to_text(); });
  return entries;
}

}  // namespace

AsyncResult<> AccountDeletion::delete_own(const Call& call) {
  const Uuid account = call.principal()->account;
  std::vector<EndedMembership> ended_memberships;
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    auto step = co_await transaction.lock(in_transaction::keys_lock(account));
    if (!step) co_return step;
    step = co_await transaction.lock(in_transaction::people_lock(account));
    if (!step) co_return step;
    auto left = co_await in_transaction::leave_teams(transaction, account);
    if (!left) co_return std::move(left).error();
    ended_memberships.clear();
    for (const Membership& membership : *left) ended_memberships.push_back({membership.id, membership.owner, {}});
    auto change = co_await in_transaction::next_change(transaction);
    if (!change) co_return std::move(change).error();
    const std::int64_t now = parts_.clock.unix_micros();
    auto deleted = co_await in_transaction::set_deleted(transaction, account, *change);
    if (!deleted) co_return std::move(deleted).error();
    if (!*deleted) co_return Error(Errc::forbidden, "The account is deleted.");  // another request was faster
    step = co_await in_transaction::revoke_keys(transaction, account, now, *change);
    if (!step) co_return step;
    auto ended = co_await in_transaction::end_sessions(transaction, account, std::nullopt, now, *change);
    if (!ended) co_return std::move(ended).error();
    step = co_await in_transaction::remove_links(transaction, account);
    if (!step) co_return step;
    step = co_await in_transaction::remove_mails(transaction, account);
    if (!step) co_return step;
    if (auto* const factor = parts_.host.find<SecondFactor>()) {
      step = co_await factor->remove(transaction, account);
      if (!step) co_return step;
    }
    step = co_await end_memberships(transaction, ended_memberships, account, now, *change);
    if (!step) co_return step;
    std::vector<AuditEntry> entries = entries_of(call, ended_memberships);
    for (AuditEntry& entry : entries) {
      step = co_await parts_.audit.append(transaction, std::move(entry));
      if (!step) co_return step;
    }
    co_return Done();
  };
  auto done = co_await db::transaction(parts_.store.database(), call, body);
  // Also when the outcome is unknown: a look too many costs little, a look too few lets somebody in.
  parts_.versions.moved(account);
  for (const EndedMembership& membership : ended_memberships) {
    for (const Uuid& key : membership.revoked_keys) parts_.versions.moved(key);
  }
  co_return done;
}

}  // namespace driftstack::identity
