#pragma once
// POST /v1/webhooks/postmark: what Postmark tells about addresses (identity.md 13).

#include <optional>
#include <string>
#include <string_view>

#include "driftstack/host.hpp"
#include "driftstack/http.hpp"
#include "driftstack/support/routes.hpp"
#include "driftstack/support/secret_text.hpp"
#include "suppression_store.hpp"

namespace driftstack::mail_postmark {

/// What a record of Postmark changes: nothing for records that speak of no suppression (`Delivery`, `Open`, a soft bounce). Errors name the
/// member that does not fit.
Result<std::optional<SuppressionChange>> change_of(std::string_view body, const std::string& default_stream);

class BounceWebhook {
 public:
  /// An empty `credentials` means that the operator set no password. `default_stream` is that of records that name none.
  BounceWebhook(Host& host, SuppressionStore& suppressions, SecretText credentials, std::string default_stream);

  void declare(Routes& routes);
  AsyncResult<Response> receive(const Call& call, const Request& request);

 private:
  Result<> authenticate(const Request& request) const;

  Host& host_;
  SuppressionStore& suppressions_;
  const SecretText credentials_;  ///< `user:password`
  const std::string default_stream_;
  Counter &handled_, &ignored_, &failed_, &missing_, &invalid_, &malformed_;
};

}  // namespace driftstack::mail_postmark
