#pragma once
// The JSON shapes of this plugin. platform.md 11.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actions.hpp"
#include "driftstack/support/page.hpp"
#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"
#include "entry.hpp"

namespace driftstack::audit {

/// One entry as a customer sees it.
struct EntryView {
  std::string id;
  AccountId account_id;
  AuditActor actor_type = AuditActor::system;
  std::optional<AccountId> actor_account_id;
  std::optional<KeyId> actor_key_id;
  std::string action;
  std::optional<std::string> target_resource_id;
  std::optional<wire::Json> payload;
  std::optional<std::string> ip_address, user_agent;
  Timestamp timestamp;

  static constexpr auto shape = wire::object(
      wire::field<&EntryView::id>("id", wire::doc("UUID without a prefix.")), wire::field<&EntryView::account_id>("account_id"),
      wire::field<&EntryView::actor_type>("actor_type"), wire::field<&EntryView::actor_account_id>("actor_account_id", wire::nullable),
      wire::field<&EntryView::actor_key_id>("actor_key_id", wire::nullable),
      wire::field<&EntryView::action>("action", wire::doc("New actions may appear.")),
      wire::field<&EntryView::target_resource_id>("target_resource_id", wire::nullable),
      wire::field<&EntryView::payload>("payload", wire::nullable, wire::json_object),
      wire::field<&EntryView::ip_address>("ip_address", wire::nullable), wire::field<&EntryView::user_agent>("user_agent", wire::nullable),
      wire::field<&EntryView::timestamp>("timestamp"));
};

/// An end of a time filter: a moment, or a whole day in UTC. Both ends include what they name.
class TimeBound {
 public:
  static std::optional<TimeBound> from_text(std::string_view text);
  void append_text(std::string& out) const { first_.append_text(out); }

  std::int64_t first_micros() const noexcept { return first_.micros(); }
  std::int64_t last_micros() const noexcept { return first_.micros() + length_ - 1; }

  static constexpr std::string_view kFormat = "date-time";
  static constexpr std::string_view kExpected = "a date such as 2026-05-09, or an ISO 8601 time with an offset";

 private:
  Timestamp first_;
  std::int64_t length_ = 1;  ///< microseconds that the text stands for
};

struct ListQuery {
  std::int32_t limit = kDefaultPageSize;
  std::optional<std::string> cursor;
  std::optional<Action> action;
  std::optional<AuditActor> actor_type;
  std::optional<std::string> target_resource_id;
  std::optional<TimeBound> from, to;

  static constexpr auto shape = wire::object(
      wire::field<&ListQuery::limit>("limit", wire::defaulted, wire::min(1), wire::max(kMaxPageSize), wire::doc("Items on a page.")),
      wire::field<&ListQuery::cursor>("cursor", wire::length(1, kMaxCursorLength), wire::doc("The next_cursor of the page before.")),
      wire::field<&ListQuery::action>("action"), wire::field<&ListQuery::actor_type>("actor_type"),
      wire::field<&ListQuery::target_resource_id>("target_resource_id", wire::length(1, 200)),
      wire::field<&ListQuery::from>("from", wire::doc("Inclusive.")), wire::field<&ListQuery::to>("to", wire::doc("Inclusive.")));
};

enum class ExportFormat : std::uint8_t { json, csv };
constexpr auto enum_names(ExportFormat) {
  return std::to_array<std::pair<std::string_view, ExportFormat>>({{"json", ExportFormat::json}, {"csv", ExportFormat::csv}});
}

struct ExportQuery {
  ExportFormat format = ExportFormat::json;
  std::optional<TimeBound> from, to;
  static constexpr auto shape = wire::object(wire::field<&ExportQuery::format>("format", wire::defaulted),
                                             wire::field<&ExportQuery::from>("from", wire::doc("Inclusive.")),
                                             wire::field<&ExportQuery::to>("to", wire::doc("Inclusive.")));
};

/// The JSON form of an export. Written piece by piece; the shape is for the documentation and for tests.
struct ExportView {
  Timestamp generated_at;
  AccountId account_id;
  std::int64_t row_count = 0;
  bool truncated = false;
  std::vector<EntryView> data;
  static constexpr auto shape =
      wire::object(wire::field<&ExportView::generated_at>("generated_at"), wire::field<&ExportView::account_id>("account_id"),
                   wire::field<&ExportView::row_count>("row_count"), wire::field<&ExportView::truncated>("truncated"),
                   wire::field<&ExportView::data>("data"));
};

}  // namespace driftstack::audit
