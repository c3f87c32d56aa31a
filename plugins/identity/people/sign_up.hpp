#pragma once
// How an account comes to be. identity.md 3.2.

#include <optional>
#include <string>

#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/support/secret_text.hpp"
#include "driftstack/task.hpp"
#include "email_address.hpp"
#include "link_mails.hpp"
#include "passwords.hpp"
#include "people_store.hpp"
#include "tiers.hpp"

namespace driftstack::identity {

struct SignUpWish {
  EmailAddress email;
  SecretText password;
  std::optional<std::string> name;
};

/// [io-thread]
class SignUp {
 public:
  struct Parts {
    PeopleStore& store;
    const Passwords& passwords;
    const LinkMails& mails;
    Clock& clock;
  };
  explicit SignUp(Parts parts) noexcept : parts_(parts) {}

  /// Makes an account that nobody can use until its address is verified. email_already_registered.
  AsyncResult<SentLink> sign_up(const Call& call, SignUpWish wish);
  /// Sends a link of some kind to whoever has the address, and answers the same when nobody has.
  AsyncResult<SentLink> send_link(const Call& call, LinkKind kind, EmailAddress email);

 private:
  Parts parts_;
};

}  // namespace driftstack::identity
