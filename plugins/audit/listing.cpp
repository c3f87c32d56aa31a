#include "listing.hpp"

#include <cstring>
#include <limits>
#include <utility>

#include "driftstack/support/routes.hpp"

namespace driftstack::audit {
namespace {

constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000;  // microseconds
constexpr std::int64_t kMillisecond = 1'000;                     // microseconds; times are shown to the millisecond

/// What a cursor is bound to: the account, the route and every filter.
std::string cursor_context(const Uuid& account, const ListQuery& query) {
  std::string context = "audit-log\n" + account.to_text();
  const auto add = [&context](const std::optional<std::string>& filter) {
    context += '\n';
    if (filter) wire::append_json_string(context, *filter);
  };
  const auto text_of = [](const std::optional<TimeBound>& bound) {
    return bound ? std::optional(std::to_string(bound->first_micros()) + "+" + std::to_string(bound->last_micros())) : std::nullopt;
  };
  add(query.action ? std::optional(std::string(wire::enum_text(*query.action))) : std::nullopt);
  add(query.actor_type ? std::optional(std::string(actor_text(*query.actor_type))) : std::nullopt);
  add(query.target_resource_id);
  add(text_of(query.from));
  add(text_of(query.to));
  return context;
}

Error foreign_cursor() {
  wire::Issues issues;
  issues.add("cursor", wire::IssueCode::format, "must be the next_cursor of a page of this list with the same filters");
  return validation_error(issues);
}

}  // namespace

std::optional<TimeBound> TimeBound::from_text(std::string_view text) {
  TimeBound bound;
  if (const auto moment = Timestamp::from_text(text)) {
    bound.first_ = *moment;
    bound.length_ = moment->micros() % kMillisecond == 0 ? kMillisecond : 1;
    return bound;
  }
  const auto day = Timestamp::from_date(text);
  if (!day) return std::nullopt;
  bound.first_ = *day;
  bound.length_ = kDay;
  return bound;
}

Reader reader_of(const Principal& caller) noexcept { return caller.acts_for_other() ? Reader::team_member : Reader::owner; }

CursorPosition newest_position(const std::optional<TimeBound>& to) {
  CursorPosition position;
  position.micros = to ? to->last_micros() + 1 : std::numeric_limits<std::int64_t>::max();
  return position;
}

std::int64_t oldest_time(const std::optional<TimeBound>& from) noexcept {
  return from ? from->first_micros() : std::numeric_limits<std::int64_t>::min();
}

CursorMac Listing::mac(std::string_view message) const {
  const Digest digest = secrets_.mac("cursor", message);
  CursorMac mac;
  std::memcpy(mac.data(), digest.data(), mac.size());
  return mac;
}

AsyncResult<Page<EntryView>> Listing::page(const Call& call, ListQuery query) {
  const Principal& caller = *call.principal();
  const auto mac_of = [this](std::string_view message) { return mac(message); };
  const std::string context = cursor_context(caller.effective_account, query);

  EntryQuery wanted(caller.effective_account, newest_position(query.to));
  if (query.cursor) {
    auto position = open_cursor(*query.cursor, context, mac_of);
    if (!position) co_return foreign_cursor();
    wanted.before = std::move(*position);
  }
  wanted.from = oldest_time(query.from);
  if (query.action) wanted.action = wire::enum_text(*query.action);
  if (query.actor_type) wanted.actor = actor_text(*query.actor_type);
  wanted.target = std::move(query.target_resource_id);
  wanted.limit = query.limit + 1;  // one more tells whether there is more

  auto entries = co_await store_.newest(call, std::move(wanted));
  if (!entries) co_return std::move(entries).error();
  Page<EntryView> page;
  const auto limit = static_cast<std::size_t>(query.limit);
  for (std::size_t i = 0; i < entries->size() && i < limit; ++i) page.data.push_back(view_of((*entries)[i], reader_of(caller)));
  if (entries->size() > limit) {
    CursorPosition last;
    last.micros = (*entries)[limit - 1].created_at;
    last.id = (*entries)[limit - 1].id.to_text();
    page.continue_at(seal_cursor(last, context, mac_of));
  }
  co_return page;
}

}  // namespace driftstack::audit
