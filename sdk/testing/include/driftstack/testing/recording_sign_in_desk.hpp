#pragma once
// A desk that signs in whomever a test names, remembers what it was asked for, and hashes fast.

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "driftstack/roles/sign_in_desk.hpp"
#include "driftstack/roles/slow_hash.hpp"

namespace driftstack::testing {

/// sign.in.desk/1 and slow.hash/1 without accounts: every account exists. What happens in a transaction that fails is remembered all the
/// same. [any-thread]
class RecordingSignInDesk final : public SignInDesk, public SlowHash {
 public:
  struct SignedIn {
    Uuid account;
    std::string method;
    std::int64_t at = 0;
  };
  struct Notice {
    Uuid account;
    SecurityNotice notice = SecurityNotice::second_factor_enabled;
  };

  AsyncResult<std::string> email_of(const Call& call, const Uuid& account) override;
  AsyncResult<> hold(db::Transaction& transaction, const Uuid& account) override;
  AsyncResult<IssuedWebSession> sign_in(db::Transaction& transaction, const Call& call, const Uuid& account, std::string method,
                                        std::int64_t now) override;
  AsyncResult<> refresh_factor(db::Transaction& transaction, const Call& call, std::int64_t now) override;
  AsyncResult<> notify(db::Transaction& transaction, const Uuid& account, SecurityNotice notice, std::int64_t now) override;
  /// A digest of secret and salt that is good for tests only.
  AsyncResult<Digest> derive(const Call& call, std::string secret, const Salt& salt) override;

  std::vector<SignedIn> signed_in() const;
  std::vector<Notice> notices() const;
  /// When the factor of a web session was last refreshed; 0 = never.
  std::int64_t refreshed_at(const Uuid& session) const;
  /// How often something was derived.
  int derivations() const noexcept { return derivations_.load(); }

 private:
  mutable std::mutex mutex_;
  std::vector<SignedIn> signed_in_;
  std::vector<Notice> notices_;
  std::map<Uuid, std::int64_t> refreshed_;
  std::atomic<int> derivations_{0};
};

}  // namespace driftstack::testing
