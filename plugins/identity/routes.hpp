#pragma once
// The operations of this plugin: requests in, records and domain calls between, described answers out.

#include "accounts.hpp"
#include "api_keys.hpp"
#include "driftstack/host.hpp"
#include "driftstack/http.hpp"
#include "driftstack/roles/rate_limiter.hpp"
#include "driftstack/support/routes.hpp"
#include "wire.hpp"

namespace driftstack::identity {

/// [io-thread]
class Operations {
 public:
  struct Parts {
    ApiKeys& keys;
    Accounts& accounts;
    Host& host;  ///< asked for RateLimiter at each use; without it there are no limits to show
  };
  explicit Operations(Parts parts) noexcept : parts_(parts) {}

  /// Declares every route; this object must outlive them.
  void declare(Routes& routes);

  AsyncResult<ApiKeyCreated> create_api_key(const Call& call, const Request& request, ApiKeyCreate body);
  AsyncResult<ApiKeyList> list_api_keys(const Call& call, const Request& request);
  AsyncResult<ApiKeyCreated> rotate_api_key(const Call& call, const Request& request, ApiKeyRotate body);
  AsyncResult<> revoke_api_key(const Call& call, const Request& request);

  AsyncResult<AccountView> get_account(const Call& call, const Request& request);
  AsyncResult<AccountView> update_account(const Call& call, const Request& request, AccountPatch body);
  AsyncResult<WhoAmI> whoami(const Call& call, const Request& request);
  AsyncResult<RateLimitsView> get_rate_limits(const Call& call, const Request& request);

 private:
  Parts parts_;
};

}  // namespace driftstack::identity
