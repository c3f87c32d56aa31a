#pragma once
// Making and checking the slow hash of a password. identity.md 1.4.

#include <optional>
#include <string_view>

#include "driftstack/result.hpp"
#include "driftstack/support/secret_text.hpp"
#include "driftstack/task.hpp"
#include "hashing_pool.hpp"
#include "scrypt.hpp"

namespace driftstack::identity {

/// Every call costs one derivation in the pool; Errc::feature_unavailable with a retry time when its queue is full. [io-thread]
class Passwords {
 public:
  explicit Passwords(HashingPool& pool);

  AsyncResult<StoredHash> make(SecretText password) const;
  /// Without a stored hash the answer is no, at the same price: who does not know the account cannot tell.
  AsyncResult<bool> matches(SecretText password, std::optional<StoredHash> stored) const;

 private:
  HashingPool& pool_;
  StoredHash nobody_;  ///< of no password at all
};

}  // namespace driftstack::identity
