#pragma once
// The SQL about people: passwords, links, web sessions.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/task.hpp"
#include "mail/mail_job.hpp"
#include "person.hpp"
#include "store.hpp"

namespace driftstack::identity {

/// A link that somebody asked for by mail address, with the mail that would carry it.
struct LinkRequest {
  std::string email;
  LinkKind kind = LinkKind::magic_link;
  std::string digest;
  std::int64_t expires_at = 0;
  MailJob mail;  ///< without an account
};

/// Outside of transactions. [io-thread]
class PeopleStore {
 public:
  explicit PeopleStore(db::Database& database) noexcept : database_(database) {}

  db::Database& database() noexcept { return database_; }

  AsyncResult<std::optional<Person>> find_person(const Call& call, std::string email);
  /// Stores link and mail for the account with that address, and the mail of nobody when there is none: the work is the same. A link to
  /// verify an address is only for accounts that are not verified.
  AsyncResult<> request_link(const Call& call, LinkRequest request);
  /// Whose link this is; it stays good.
  AsyncResult<std::optional<Uuid>> find_link(const Call& call, LinkKind kind, std::string digest, std::int64_t now);

  AsyncResult<std::optional<SessionCredential>> find_session(const Call& call, std::string digest);
  AsyncResult<std::optional<WebSession>> find_session_of(const Call& call, Uuid account, Uuid session);
  /// Live ones, most recently used first.
  AsyncResult<std::vector<WebSession>> list_sessions(const Call& call, Uuid account, std::int64_t now);
  /// Removes at most `limit` sessions that ended before; answers how many.
  AsyncResult<std::int64_t> purge_sessions(const Call& call, std::int64_t ended_before, std::int64_t limit);

 private:
  db::Database& database_;
};

/// Inside of a transaction.
namespace in_transaction {

/// The name of the lock under which web sessions, links and password of an account change.
std::string people_lock(const Uuid& account);

AsyncResult<std::optional<Person>> find_person(db::Transaction& transaction, Uuid account);
AsyncResult<> insert_link(db::Transaction& transaction, Uuid account, LinkKind kind, std::string digest, std::int64_t expires_at);
/// Consumes a link: whoever gets the account is the only one. Nothing for an unknown, used or expired one.
AsyncResult<std::optional<Uuid>> take_link(db::Transaction& transaction, LinkKind kind, std::string digest, std::int64_t now);
AsyncResult<> remove_links(db::Transaction& transaction, Uuid account);
AsyncResult<> set_verified(db::Transaction& transaction, Uuid account, std::int64_t now, ChangeNumber change);
AsyncResult<> set_password(db::Transaction& transaction, Uuid account, std::optional<StoredHash> password);

AsyncResult<> insert_session(db::Transaction& transaction, WebSession session, ChangeNumber change);
/// False when the session has ended, or is not of this account.
AsyncResult<bool> set_mfa_satisfied(db::Transaction& transaction, Uuid account, Uuid session, std::int64_t now);
/// Ends a live session. False when it is over already, or not of this account.
AsyncResult<bool> end_session(db::Transaction& transaction, Uuid account, Uuid session, std::int64_t now, ChangeNumber change);
/// Ends every live session but one; answers their ids.
AsyncResult<std::vector<Uuid>> end_sessions(db::Transaction& transaction, Uuid account, std::optional<Uuid> keep, std::int64_t now,
                                            ChangeNumber change);

/// Marks an account deleted and forgets what names its person; the address is free again. False when it is deleted already.
AsyncResult<bool> set_deleted(db::Transaction& transaction, Uuid account, ChangeNumber change);

}  // namespace in_transaction

}  // namespace driftstack::identity
