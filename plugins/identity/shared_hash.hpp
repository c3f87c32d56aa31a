#pragma once
// The hashing pool as other plugins see it.

#include <string>
#include <utility>

#include "driftstack/roles/slow_hash.hpp"
#include "driftstack/support/secret_text.hpp"
#include "hashing_pool.hpp"

namespace driftstack::identity {

/// [io-thread]
class SharedHash final : public SlowHash {
 public:
  explicit SharedHash(HashingPool& pool) noexcept : pool_(pool) {}

  AsyncResult<Digest> derive(const Call&, std::string secret, const Salt& salt) override {
    HashRequest request(secret, salt, ScryptCost());
    wipe(secret.data(), secret.size());
    co_return co_await pool_.derive(std::move(request));
  }

 private:
  HashingPool& pool_;
};

}  // namespace driftstack::identity
