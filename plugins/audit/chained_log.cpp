#include "chained_log.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "actions.hpp"
#include "driftstack/support/json.hpp"
#include "driftstack/support/random_bytes.hpp"
#include "driftstack/support/utf8.hpp"
#include "store.hpp"

namespace driftstack::audit {
namespace {

constexpr std::size_t kLongestUserAgent = 512;  // bytes; real ones stay under 300
constexpr std::string_view kOtherPrefix = "other";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// Text of a client as the database can keep it: UTF-8, no U+0000, bounded.
std::string clean(std::string_view text) {
  std::string out;
  while (!text.empty() && out.size() < kLongestUserAgent) {
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0 || text.front() == '\0') {
      out += kReplacement;
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return std::string(utf8_prefix(out, kLongestUserAgent));
}

}  // namespace

EmitCounters::EmitCounters(Metrics& metrics) {
  std::vector<std::string_view> prefixes;
  for (const std::string_view action : kActions) {
    if (prefixes.empty() || prefixes.back() != prefix_of(action)) prefixes.push_back(prefix_of(action));
  }
  prefixes.push_back(kOtherPrefix);
  for (const std::string_view prefix : prefixes) {
    Row row{prefix, {}};
    for (const auto& [actor, value] : enum_names(AuditActor{})) {
      std::vector<Label> labels;
      labels.emplace_back("prefix", std::string(prefix));
      labels.emplace_back("actor_type", std::string(actor));
      row.by_actor[static_cast<std::size_t>(value)] =
          &metrics.counter("driftstack_account_audit_emit_total", "Audit entries appended.", std::move(labels));
    }
    rows_.push_back(row);
  }
}

void EmitCounters::count(const AuditEntry& entry) noexcept {
  const std::string_view prefix = prefix_of(entry.action);
  const auto row = std::find_if(rows_.begin(), rows_.end() - 1, [&](const Row& known) { return known.prefix == prefix; });
  row->by_actor[static_cast<std::size_t>(entry.actor)]->add(1);
}

AsyncResult<> ChainedLog::append(db::Transaction& transaction, AuditEntry entry) {
  if (entry.payload) {
    const auto payload = wire::Json::parse(*entry.payload);
    if (!payload || !payload->is_object())
      co_return Error(Errc::misuse, "The payload of the audit entry " + entry.action + " is no JSON object.");
  }
  if (entry.user_agent) entry.user_agent = clean(*entry.user_agent);
  if (entry.ip_address) entry.ip_address = clean(*entry.ip_address);

  const Uuid account = entry.account;
  if (auto locked = co_await transaction.lock("audit:" + account.to_text()); !locked) co_return locked;
  auto found = co_await in_transaction::head(transaction, account);
  if (!found) co_return std::move(found).error();
  Head head = found->value_or(Head());
  if (*found && chain_.seal(account, head.entries, head.link) != head.seal) {
    log_.error("The head of an audit chain was changed from outside; its account cannot be changed until `audit verify` was looked at",
               {{"account_id", AccountId(account).to_text()}});
    co_return Error(Errc::internal, "The audit log of this account is damaged.");
  }

  StoredEntry stored(random_uuid(), std::move(entry));
  stored.created_at = clock_.unix_micros();
  stored.sequence = head.entries + 1;
  stored.link = chain_.link(head.link, stored);
  head.entries = stored.sequence;
  head.link = stored.link;
  head.seal = chain_.seal(account, head.entries, head.link);
  if (auto inserted = co_await in_transaction::insert(transaction, stored); !inserted) co_return inserted;
  if (auto kept = co_await in_transaction::put_head(transaction, account, head); !kept) co_return kept;
  counters_.count(stored.entry);
  co_return Done();
}

}  // namespace driftstack::audit
