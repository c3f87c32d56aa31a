#include "passwords.hpp"

#include <utility>

#include "driftstack/support/random_bytes.hpp"

namespace driftstack::identity {

Passwords::Passwords(HashingPool& pool) : pool_(pool) {
  fill_random(std::as_writable_bytes(std::span(nobody_.salt)));
  fill_random(std::as_writable_bytes(std::span(nobody_.key)));
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

AsyncResult<bool> Passwords::matches(SecretText password, std::optional<StoredHash> stored) const {
  const StoredHash hash = stored.value_or(nobody_);
  HashRequest request(password.reveal(), hash.salt, hash.cost);
  auto key = co_await pool_.derive(std::move(request));
  if (!key) co_return std::move(key).error();
  const bool is_equal = constant_time_equal(as_text(*key), as_text(hash.key));
  co_return is_equal&& stored.has_value();
}

}  // namespace driftstack::identity
