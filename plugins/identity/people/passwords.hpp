#pragma once
// Making and checking the slow hash of a password. identity.md 1.4.

#include <optional>
#include <string>
#include <string_view>

#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/support/secret_text.hpp"
#include "driftstack/task.hpp"
#include "hashing_pool.hpp"
#include "scrypt.hpp"

namespace driftstack::identity {

/// Every call costs one derivation in the pool; Errc::feature_unavailable with a retry time when its queue is full. [io-thread]
class Passwords {
 public:
  Passwords(HashingPool& pool, Secrets& secrets) noexcept : pool_(pool), secrets_(secrets) {}

  AsyncResult<StoredHash> make(SecretText password) const;
  /// Without a stored hash the answer is no, at the same price: who does not know the account cannot tell.
  AsyncResult<bool> matches(SecretText password, std::string email, std::optional<StoredHash> stored) const;

  /// What is hashed against where there is no password. Each address has a salt of its own, as if it had one: with one salt for all, the
  /// pool would join equal passwords for unknown addresses into one derivation, and their time would tell them from known ones.
  StoredHash stand_in(std::string_view email) const noexcept;

 private:
  HashingPool& pool_;
  Secrets& secrets_;
};

}  // namespace driftstack::identity
