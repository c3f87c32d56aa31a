#pragma once
// A mail that is to be sent: what is kept of it until it is.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/support/wire.hpp"
#include "driftstack/uuid.hpp"
#include "mail_template.hpp"

namespace driftstack::identity {

/// A row. `sealed` holds the MailDetails: address and link are secrets at rest.
struct MailJob {
  Uuid id;
  std::optional<Uuid> account;  ///< empty: nobody has the address, and nothing is sent
  std::string template_name;
  std::string sealed;
  std::int64_t created_at = 0;
  std::int64_t due_at = 0;      ///< of the next attempt; in the future also while one runs
  std::int64_t expires_at = 0;  ///< sent later it would be of no use
  std::int64_t attempts = 0;
};

/// Makes and opens jobs. [any-thread]
class MailSeal {
 public:
  explicit MailSeal(Secrets& secrets) noexcept : secrets_(secrets) {}

  /// A job that is due at once and dies with its link.
  Result<MailJob> make(MailTemplate kind, const MailDetails& details, std::int64_t now, std::int64_t expires_at) const;
  /// Errc::internal when the row was changed or sealed under a lost key.
  Result<MailDetails> open(const MailJob& job) const;

 private:
  Secrets& secrets_;
};

}  // namespace driftstack::identity
