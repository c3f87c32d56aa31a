#pragma once
// The cursor of a list of this plugin: where its next page begins, bound to list, account and filter.

#include <optional>
#include <string>
#include <utility>

#include "driftstack/host.hpp"
#include "driftstack/support/cursor.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack::sessions {

/// [any-thread]
class PageCursor {
 public:
  /// `list` names the list and whatever else a cursor must not outlive: `GET /v1/sessions ready`.
  PageCursor(Secrets& secrets, const Uuid& account, std::string list)
      : secrets_(secrets), context_(std::move(list) + " " + account.to_text()) {}

  /// Before the newest row.
  static CursorPosition newest() { return {INT64_MAX, std::string()}; }
  /// What the client sent, or the beginning. validation_failed for a cursor that this list did not give to this account.
  Result<CursorPosition> position(const std::optional<std::string>& cursor) const;
  /// The text that continues behind a row.
  std::string behind(std::int64_t micros, const Uuid& id) const;

 private:
  Secrets& secrets_;
  std::string context_;
};

}  // namespace driftstack::sessions
