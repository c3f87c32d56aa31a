#include "export.hpp"

#include <algorithm>
#include <utility>

#include "csv.hpp"
#include "listing.hpp"

namespace driftstack::audit {
namespace {

constexpr std::int64_t kRowsPerRead = 500;
constexpr std::size_t kEnvelope = 512;  // bytes that the JSON around the rows takes at most

/// Rows as text, until one of the limits is met.
struct Body {
  std::string rows;
  std::int64_t count = 0;
  bool is_truncated = false;
};

/// False when the entry would be too much.
bool append(Body& body, const EntryView& entry, ExportFormat format) {
  const std::size_t before = body.rows.size();
  if (format == ExportFormat::csv) {
    append_csv(body.rows, entry);
  } else {
    if (body.count > 0) body.rows += ',';
    wire::write(entry, body.rows);
  }
  if (body.count < kMostExportedRows && body.rows.size() + kEnvelope <= kMostExportedBytes) {
    ++body.count;
    return true;
  }
  body.rows.resize(before);
  body.is_truncated = true;
  return false;
}

std::string json_document(const Body& body, const AccountId& account, const Timestamp& now) {
  std::string out = "{\"generated_at\":\"" + now.to_text() + "\",\"account_id\":\"" + account.to_text() +
                    "\",\"row_count\":" + std::to_string(body.count) + ",\"truncated\":" + (body.is_truncated ? "true" : "false") +
                    ",\"data\":[";
  out.reserve(out.size() + body.rows.size() + 2);
  return (out += body.rows) += "]}";
}

}  // namespace

AsyncResult<Response> Export::write(const Call& call, ExportQuery query) {
  const Principal& caller = *call.principal();
  const Reader reader = reader_of(caller);
  CursorPosition before = newest_position(query.to);
  Body body;
  while (!body.is_truncated) {
    EntryQuery wanted(caller.effective_account, before);
    wanted.from = oldest_time(query.from);
    wanted.limit = kRowsPerRead;
    auto entries = co_await store_.newest(call, std::move(wanted));
    if (!entries) co_return std::move(entries).error();
    for (const StoredEntry& entry : *entries) {
      if (!append(body, view_of(entry, reader), query.format)) break;
    }
    if (static_cast<std::int64_t>(entries->size()) < kRowsPerRead) break;
    before.micros = entries->back().created_at;
    before.id = entries->back().id.to_text();
  }

  const bool is_csv = query.format == ExportFormat::csv;
  const Timestamp now = Timestamp::from_micros(clock_.unix_micros());
  const std::string day = now.to_text().substr(0, 10);  // YYYY-MM-DD
  Response response(200, is_csv ? std::string(csv_header()) + body.rows : json_document(body, AccountId(caller.effective_account), now));
  response.content_type = is_csv ? "text/csv" : "application/json";
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"driftstack-audit-log-" + day + (is_csv ? ".csv\"" : ".json\""));
  response.headers.emplace_back("x-driftstack-export-truncated", body.is_truncated ? "true" : "false");
  co_return response;
}

}  // namespace driftstack::audit
