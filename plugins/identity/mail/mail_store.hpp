#pragma once
// The SQL about mails that are to be sent.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/task.hpp"
#include "mail_job.hpp"

namespace driftstack::identity {

/// [io-thread]
class MailStore {
 public:
  explicit MailStore(db::Database& database) noexcept : database_(database) {}

  AsyncResult<bool> has_due(const Call& call, std::int64_t now);
  /// Takes the job that is due longest: nobody else gets it before `lease_end`, which becomes its `due_at`.
  AsyncResult<std::optional<MailJob>> claim(const Call& call, std::int64_t now, std::int64_t lease_end);
  /// Ends a claimed job. Nothing happens when the lease ended before and another has it.
  AsyncResult<> remove(const Call& call, MailJob job);
  /// Gives a claimed job back.
  AsyncResult<> put_off(const Call& call, MailJob job, std::int64_t due_at);

  /// The mails that an account switched off.
  AsyncResult<std::vector<std::string>> unwanted(const Call& call, Uuid account);

 private:
  db::Database& database_;
};

namespace in_transaction {

AsyncResult<> insert_mail(db::Transaction& transaction, MailJob job);
/// Everything that waits for an account, and what it chose.
AsyncResult<> remove_mails(db::Transaction& transaction, Uuid account);
AsyncResult<> set_mail_preference(db::Transaction& transaction, Uuid account, std::string event_type, bool opted_in);

}  // namespace in_transaction

}  // namespace driftstack::identity
