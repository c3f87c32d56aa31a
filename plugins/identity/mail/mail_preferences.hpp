#pragma once
// Which mails an account wants. identity.md 12.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/task.hpp"
#include "mail_store.hpp"

namespace driftstack::identity {

/// Mails that can be switched off, in the order in which they are listed. A template of that name is such a mail.
inline constexpr std::array<std::string_view, 6> kOptionalMails = {"signup-welcome", "session-success-first", "session-failed-first",
                                                                   "tier-changed",   "billing-receipt",       "billing-renewal-reminder"};

constexpr bool is_optional_mail(std::string_view name) noexcept {
  for (const auto optional : kOptionalMails) {
    if (optional == name) return true;
  }
  return false;
}

struct MailPreference {
  std::string_view event_type;  ///< one of kOptionalMails
  bool opted_in = true;
};
using MailPreferences = std::array<MailPreference, kOptionalMails.size()>;

/// Of the account that the caller acts for. [io-thread]
class MailChoices {
 public:
  struct Parts {
    MailStore& store;
    db::Database& database;
    AuditLog& audit;
  };
  explicit MailChoices(Parts parts) noexcept : parts_(parts) {}

  /// What was never chosen is wanted.
  AsyncResult<MailPreferences> list(const Call& call);
  /// bad_request for a mail that cannot be switched off.
  AsyncResult<> choose(const Call& call, std::string event_type, bool opted_in);

 private:
  Parts parts_;
};

}  // namespace driftstack::identity
