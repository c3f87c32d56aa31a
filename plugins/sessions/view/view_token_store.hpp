#pragma once
// Rows of view tokens; all SQL of them.

#include <optional>
#include <string>

#include "driftstack/roles/database.hpp"
#include "view/view_token.hpp"

namespace driftstack::sessions {

/// [io-thread]
class ViewTokenStore {
 public:
  explicit ViewTokenStore(db::Database& database) noexcept : database_(database) {}

  /// Also forgets tokens whose time is over.
  AsyncResult<> insert(const Call& call, const ViewToken& token, std::int64_t now);
  /// A token of that session whose time is not over; the session may have ended.
  AsyncResult<std::optional<ViewToken>> find(const Call& call, const std::string& digest, const SessionId& session, std::int64_t now);

 private:
  db::Database& database_;
};

}  // namespace driftstack::sessions
