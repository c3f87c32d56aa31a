#include "page_cursor.hpp"

#include <bit>

#include "driftstack/support/issues.hpp"
#include "driftstack/support/routes.hpp"

namespace driftstack::sessions {
namespace {

auto mac_of(Secrets& secrets) {
  return [&secrets](std::string_view message) { return std::bit_cast<CursorMac>(secrets.mac("cursor", message)); };
}

}  // namespace

Result<CursorPosition> PageCursor::position(const std::optional<std::string>& cursor) const {
  if (!cursor) return newest();
  auto position = open_cursor(*cursor, context_, mac_of(secrets_));
  if (position) return *std::move(position);
  wire::Issues issues;
  issues.add("cursor", wire::IssueCode::format, "must be the next_cursor of a page of this list");
  return validation_error(issues);
}

std::string PageCursor::behind(std::int64_t micros, const Uuid& id) const {
  return seal_cursor(CursorPosition{micros, id.to_text()}, context_, mac_of(secrets_));
}

}  // namespace driftstack::sessions
