#include "verification.hpp"

#include <limits>
#include <utility>

namespace driftstack::audit {
namespace {

constexpr std::int64_t kBeforeAll = std::numeric_limits<std::int64_t>::min();

std::string number(std::int64_t value) { return std::to_string(value); }

}  // namespace

AsyncResult<AuditVerdict> Verification::verify(const Call& call) {
  AuditVerdict verdict;
  std::string after;
  while (true) {
    auto heads = co_await store_.heads(call, after);
    if (!heads) co_return std::move(heads).error();
    for (const AccountHead& account : *heads) {
      auto found = co_await walk(call, account, verdict.entries);
      if (!found) co_return std::move(found).error();
      ++verdict.accounts;
      verdict.first_break = std::move(*found);
      if (verdict.first_break) co_return verdict;
      after = account.account.to_text();
    }
    if (static_cast<std::int64_t>(heads->size()) < Store::kHeadPage) break;
  }
  auto orphan = co_await store_.account_without_head(call);
  if (!orphan) co_return std::move(orphan).error();
  if (*orphan) verdict.first_break.emplace(**orphan, 0, AuditBreakKind::head, "There are entries, but the record of how many is gone.");
  co_return verdict;
}

AsyncResult<Verification::Finding> Verification::walk(const Call& call, AccountHead account, std::int64_t& entries) {
  const Head& head = account.head;
  const auto broken = [&](std::int64_t position, AuditBreakKind kind, std::string detail) {
    return Finding(std::in_place, account.account, position, kind, std::move(detail));
  };
  if (chain_.seal(account.account, head.entries, head.link) != head.seal) {
    co_return broken(0, AuditBreakKind::head, "The record of how many entries there are was changed.");
  }
  Link link{};
  std::int64_t after = kBeforeAll;
  std::int64_t expected = 1;
  while (expected <= head.entries) {
    auto page = co_await store_.chain(call, account.account, after);
    if (!page) co_return std::move(page).error();
    if (page->empty()) {
      co_return broken(expected, AuditBreakKind::cut,
                       "The log ends after " + number(expected - 1) + " of " + number(head.entries) + " entries.");
    }
    for (const StoredEntry& entry : *page) {
      if (expected > head.entries) break;
      if (entry.sequence < expected) co_return broken(entry.sequence, AuditBreakKind::added, "An entry stands where the log has none.");
      if (entry.sequence > expected) co_return broken(expected, AuditBreakKind::missing, "Entry " + number(expected) + " is gone.");
      if (chain_.link(link, entry) != entry.link) {
        auto explained = co_await explain(call, entry);
        if (!explained) co_return std::move(explained).error();
        co_return Finding(std::move(*explained));
      }
      link = entry.link;
      after = expected++;
      ++entries;
    }
  }
  if (link != head.link) co_return broken(head.entries, AuditBreakKind::head, "The last entry is not the one that was appended last.");
  co_return co_await look_behind(call, std::move(account), expected);
}

AsyncResult<Verification::Finding> Verification::look_behind(const Call& call, AccountHead account, std::int64_t first_number) {
  auto behind = co_await store_.chain(call, account.account, first_number == 1 ? kBeforeAll : first_number - 1);
  if (!behind) co_return std::move(behind).error();
  if (behind->empty()) co_return Finding();
  auto now = co_await store_.head(call, account.account);
  if (!now) co_return std::move(now).error();
  const bool has_grown =
      *now && (*now)->entries > account.head.entries && chain_.seal(account.account, (*now)->entries, (*now)->link) == (*now)->seal;
  if (has_grown && behind->front().sequence == first_number) co_return Finding();
  co_return Finding(std::in_place, account.account, behind->front().sequence, AuditBreakKind::added,
                    "An entry stands behind the end that the log knows.");
}

AsyncResult<AuditBreak> Verification::explain(const Call& call, const StoredEntry& entry) {
  const Uuid account = entry.entry.account;
  const AuditBreak moved(account, entry.sequence, AuditBreakKind::reordered,
                         "Entry " + number(entry.sequence) + " belongs to another place.");
  const Link start{};  // the start of the chain is a place too
  if (chain_.link(start, entry) == entry.link) co_return moved;
  std::int64_t after = kBeforeAll;
  while (true) {
    auto page = co_await store_.chain(call, account, after);
    if (!page) co_return std::move(page).error();
    if (page->empty()) break;
    for (const StoredEntry& other : *page) {
      if (chain_.link(other.link, entry) == entry.link) co_return moved;
    }
    after = page->back().sequence;
  }
  co_return AuditBreak(account, entry.sequence, AuditBreakKind::edited, "Entry " + number(entry.sequence) + " is not what was appended.");
}

}  // namespace driftstack::audit
