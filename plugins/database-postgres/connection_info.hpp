#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "driftstack/result.hpp"

struct pg_conn;

namespace driftstack::database_postgres {

/// What a connection is used for; each use has its own limits on the server.
enum class Use {
  read,   ///< shared and pipelined; read-only, and cut off early so that one slow read does not hold up the others
  write,  ///< shared; groups of independent writes, never waits long for a lock
  lease,  ///< one caller at a time: transactions, locks, slow reads
};

struct FinishConnection {
  void operator()(pg_conn* connection) const noexcept;
};
using ConnectionPointer = std::unique_ptr<pg_conn, FinishConnection>;

/// Where the database is and how to log in. Never shows the password. [any-thread]
class ConnectionInfo {
 public:
  /// Takes apart a URL (`postgresql://user@host:port/name?sslmode=verify-full`). A URL with a password is refused: the password has a
  /// setting of its own, which names a secret.
  static Result<ConnectionInfo> parse(const std::string& url, std::string password);

  /// Opens a connection. Blocks for up to kConnectSeconds. Errc::unreachable. [worker]
  Result<ConnectionPointer> connect(Use use) const;
  /// The same as a connection string for libpqxx; holds the password. [worker]
  std::string to_text() const;

 private:
  ConnectionInfo() = default;
  std::vector<std::pair<std::string, std::string>> parameters_;
  std::string options_;  // of the URL, kept beside ours
};

}  // namespace driftstack::database_postgres
