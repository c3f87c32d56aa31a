#include "passwords.hpp"

#include <algorithm>
#include <utility>

#include "driftstack/support/random_bytes.hpp"

namespace driftstack::identity {

StoredHash Passwords::stand_in(std::string_view email) const noexcept {
  StoredHash nobody;
  const Digest digest = secrets_.mac("identity.no-password", email);
  std::copy_n(digest.begin(), nobody.salt.size(), nobody.salt.begin());
  return nobody;
}

AsyncResult<StoredHash> Passwords::make(SecretText password) const {
  StoredHash hash;
  fill_random(std::as_writable_bytes(std::span(hash.salt)));
  HashRequest request(password.reveal(), hash.salt, hash.cost);
  auto key = co_await pool_.derive(std::move(request));
  if (!key) co_return std::move(key).error();
  hash.key = *key;
  co_return hash;
}

AsyncResult<bool> Passwords::matches(SecretText password, std::string email, std::optional<StoredHash> stored) const {
  const StoredHash hash = stored ? *stored : stand_in(email);
  HashRequest request(password.reveal(), hash.salt, hash.cost);
  auto key = co_await pool_.derive(std::move(request));
  if (!key) co_return std::move(key).error();
  const bool is_equal = constant_time_equal(as_text(*key), as_text(hash.key));
  co_return is_equal&& stored.has_value();
}

}  // namespace driftstack::identity
