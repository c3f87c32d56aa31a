#include "suppression_store.hpp"

#include <array>
#include <utility>

#include "driftstack/support/hex.hpp"

namespace driftstack::mail_postmark {
namespace {

constexpr std::array kMigrations = {
    db::Migration{1, "suppressions", R"sql(
CREATE TABLE mail_postmark_suppressions (
  address text NOT NULL,
  stream text NOT NULL,
  suppressed boolean NOT NULL,
  reason text NOT NULL,
  changed_at bigint NOT NULL,
  PRIMARY KEY (address, stream)
)
)sql"},
};

constinit const db::Statement kApply(
    "INSERT INTO mail_postmark_suppressions (address, stream, suppressed, reason, changed_at) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (address, stream) DO UPDATE SET suppressed = excluded.suppressed, reason = excluded.reason, "
    "changed_at = excluded.changed_at WHERE mail_postmark_suppressions.changed_at <= excluded.changed_at");
constinit const db::Statement kReason("SELECT reason FROM mail_postmark_suppressions WHERE address = $1 AND stream = $2 AND suppressed");

}  // namespace

AsyncResult<> SuppressionStore::migrate(const Call& call) { co_return co_await database_.migrate(call, "mail-postmark", kMigrations); }

AsyncResult<> SuppressionStore::apply(const Call& call, SuppressionChange change) {
  auto rows = co_await database_.write(
      call, kApply, db::values(digest_of(change.address), change.stream, change.suppressed, change.reason, change.changed_at));
  if (!rows) co_return std::move(rows).error();
  co_return Done();
}

AsyncResult<std::optional<std::string>> SuppressionStore::reason_against(const Call& call, std::string address, std::string stream) {
  auto rows = co_await database_.read(call, kReason, db::values(digest_of(address), std::move(stream)));
  if (!rows) co_return std::move(rows).error();
  if (rows->empty()) co_return std::optional<std::string>();
  co_return std::optional(std::string((*rows)[0].text(0)));
}

// Postmark matches addresses without case.
std::string SuppressionStore::digest_of(std::string_view address) const {
  std::string folded(address);
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  const Digest digest = secrets_.mac("mail-postmark.suppression", folded);
  return hex_encode(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

}  // namespace driftstack::mail_postmark
