#include "session_lists.hpp"

#include <utility>

#include "page_cursor.hpp"

namespace driftstack::sessions {
namespace {

PageCursor cursor_of(Secrets& secrets, const Uuid& account, std::optional<Status> status) {
  std::string list = "GET /v1/sessions ";
  list += status ? wire::enum_text(*status) : std::string_view("all");
  return PageCursor(secrets, account, std::move(list));
}

}  // namespace

AsyncResult<body::Session> SessionLists::get(const Call& call, SessionId id) {
  auto row = co_await store_.find(call, call.principal()->effective_account, id);
  if (!row) co_return std::move(row).error();
  if (!*row) co_return Error(Errc::not_found, "There is no such session.");
  registry_.show_live(**row);
  co_return body::show(**row, call.principal()->role);
}

AsyncResult<Page<body::Session>> SessionLists::page(const Call& call, body::SessionListQuery asked) {
  const PageCursor cursor = cursor_of(host_.secrets(), call.principal()->effective_account, asked.status);
  auto after = cursor.position(asked.cursor);
  if (!after) co_return std::move(after).error();
  auto rows = co_await collect(call, asked, *std::move(after));
  if (!rows) co_return std::move(rows).error();
  Page<body::Session> page;
  const auto limit = static_cast<std::size_t>(asked.limit);
  for (std::size_t i = 0; i < rows->size() && i < limit; ++i) page.data.push_back(body::show((*rows)[i], call.principal()->role));
  if (rows->size() > limit) {
    const Session& last = (*rows)[limit - 1];
    page.continue_at(cursor.behind(last.created_at, last.id.uuid()));
  }
  co_return std::move(page);
}

// Up to one session more than a page. Rows do not know `busy`: a list of ready or busy sessions reads ready rows and asks memory, again
// until the page is full or the rows are.
AsyncResult<std::vector<Session>> SessionLists::collect(const Call& call, const body::SessionListQuery& asked, CursorPosition after) {
  const auto wanted = static_cast<std::size_t>(asked.limit) + 1;
  const auto stored = asked.status == Status::busy ? std::optional(Status::ready) : asked.status;
  std::vector<Session> found;
  for (;;) {
    auto rows = co_await store_.page(call, call.principal()->effective_account, stored, after, static_cast<std::int64_t>(wanted));
    if (!rows) co_return std::move(rows).error();
    for (Session& row : *rows) {
      after = CursorPosition{row.created_at, row.id.uuid().to_text()};
      registry_.show_live(row);
      if (!asked.status || row.status == *asked.status) found.push_back(std::move(row));
      if (found.size() == wanted) co_return std::move(found);
    }
    if (rows->size() < wanted) co_return std::move(found);
  }
}

AsyncResult<std::int64_t> SessionLists::active_sessions(const Call& call, const Uuid& account) {
  co_return co_await store_.count_open(call, account, host_.clock().unix_micros());
}

AsyncResult<std::int64_t> SessionLists::profiles(const Call& call, const Uuid& account) {
  co_return co_await profiles_.count(call, account);
}

}  // namespace driftstack::sessions
