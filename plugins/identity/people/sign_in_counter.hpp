#pragma once
// What other plugins that check how a person signs in ask of this one.

#include <string>

#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/sign_in_desk.hpp"
#include "link_mails.hpp"
#include "people_store.hpp"
#include "store.hpp"

namespace driftstack::identity {

/// [io-thread]
class SignInCounter final : public SignInDesk {
 public:
  struct Parts {
    Store& accounts;
    PeopleStore& people;
    const LinkMails& mails;
    AuditLog& audit;
  };
  explicit SignInCounter(Parts parts) noexcept : parts_(parts) {}

  AsyncResult<std::string> email_of(const Call& call, const Uuid& account) override;
  AsyncResult<> hold(db::Transaction& transaction, const Uuid& account) override;
  AsyncResult<IssuedWebSession> sign_in(db::Transaction& transaction, const Call& call, const Uuid& account, std::string method,
                                        std::int64_t now) override;
  AsyncResult<> refresh_factor(db::Transaction& transaction, const Call& call, std::int64_t now) override;
  AsyncResult<> notify(db::Transaction& transaction, const Uuid& account, SecurityNotice notice, std::int64_t now) override;

 private:
  Parts parts_;
};

}  // namespace driftstack::identity
