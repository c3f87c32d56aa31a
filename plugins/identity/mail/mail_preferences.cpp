#include "mail_preferences.hpp"

#include <algorithm>
#include <utility>

#include "audit_payloads.hpp"

namespace driftstack::identity {

AsyncResult<MailPreferences> MailChoices::list(const Call& call) {
  auto unwanted = co_await parts_.store.unwanted(call, call.principal()->effective_account);
  if (!unwanted) co_return std::move(unwanted).error();
  MailPreferences preferences;
  for (std::size_t i = 0; i < kOptionalMails.size(); ++i) {
    preferences[i].event_type = kOptionalMails[i];
    preferences[i].opted_in = std::find(unwanted->begin(), unwanted->end(), kOptionalMails[i]) == unwanted->end();
  }
  co_return preferences;
}

AsyncResult<> MailChoices::choose(const Call& call, std::string event_type, bool opted_in) {
  if (!is_optional_mail(event_type)) {
    std::string names;
    for (const auto name : kOptionalMails) names += (names.empty() ? "" : ", ") + std::string(name);
    co_return Error(Errc::bad_request, "event_type must be a mail that can be switched off: " + names + ".");
  }
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    auto written = co_await in_transaction::set_mail_preference(transaction, call.principal()->effective_account, event_type, opted_in);
    if (!written) co_return written;
    AuditEntry entry = AuditEntry::by_caller(call, kEmailPreferencesChanged);
    entry.payload = email_preference_payload(event_type, opted_in);
    co_return co_await parts_.audit.append(transaction, std::move(entry));
  };
  co_return co_await db::transaction(parts_.database, call, body);
}

}  // namespace driftstack::identity
