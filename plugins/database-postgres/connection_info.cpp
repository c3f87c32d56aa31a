#include "connection_info.hpp"

#include <libpq-fe.h>

namespace driftstack::database_postgres {
namespace {

constexpr const char* kConnectSeconds = "5";
/// A peer that acknowledges nothing for this long is gone; without it a lost network would hold callers for minutes.
constexpr const char* kSilenceMilliseconds = "10000";

/// Limits per use. A shared read that runs longer than 200 ms is repeated on a leased connection; a shared write waits 50 ms for a lock and
/// is then repeated on a leased connection; a leased connection that is left idle inside a transaction is closed by the server.
const char* options_of(Use use) {
  switch (use) {
    case Use::read:
      return "-c statement_timeout=200 -c default_transaction_read_only=on";
    case Use::write:
      return "-c statement_timeout=5000 -c lock_timeout=50";
    case Use::lease:
      return "-c statement_timeout=30000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=5000";
  }
  return "";
}

void ignore_notice(void*, const char*) {}

/// libpq ends its messages with a line end and sometimes has several lines.
std::string first_line(const char* message) {
  std::string text(message);
  return text.substr(0, text.find('\n'));
}

}  // namespace

void FinishConnection::operator()(pg_conn* connection) const noexcept { PQfinish(connection); }

Result<ConnectionInfo> ConnectionInfo::parse(const std::string& url, std::string password) {
  char* problem = nullptr;
  PQconninfoOption* parsed = PQconninfoParse(url.c_str(), &problem);
  if (parsed == nullptr) {
    const std::string reason = problem != nullptr ? first_line(problem) : "out of memory";
    PQfreemem(problem);
    return Error(Errc::bad_request, "setting `url` is no connection URL of PostgreSQL: " + reason);
  }
  ConnectionInfo info;
  bool has_password = false;
  for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string keyword = option->keyword;
    if (keyword == "password") {
      has_password = true;
    } else if (keyword == "options") {
      info.options_ = option->val;
    } else {
      info.parameters_.emplace_back(keyword, option->val);
    }
  }
  PQconninfoFree(parsed);
  if (has_password) {
    return Error(Errc::bad_request,
                 "setting `url` holds a password; put it in `password`, which names a secret: password = { env = \"...\" }");
  }
  if (!password.empty()) info.parameters_.emplace_back("password", std::move(password));
  info.parameters_.emplace_back("connect_timeout", kConnectSeconds);
  info.parameters_.emplace_back("tcp_user_timeout", kSilenceMilliseconds);
  info.parameters_.emplace_back("client_encoding", "UTF8");
  info.parameters_.emplace_back("fallback_application_name", "driftstack");
  return info;
}

Result<ConnectionPointer> ConnectionInfo::connect(Use use) const {
  const std::string options = options_ + " " + options_of(use);
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : parameters_) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back("options");
  values.push_back(options.c_str());
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  ConnectionPointer connection(PQconnectdbParams(keywords.data(), values.data(), 0));
  if (!connection) return Error(Errc::unreachable, "cannot connect to PostgreSQL: out of memory");
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    return Error(Errc::unreachable, "cannot connect to PostgreSQL: " + first_line(PQerrorMessage(connection.get())));
  }
  PQsetNoticeProcessor(connection.get(), &ignore_notice, nullptr);
  return connection;
}

std::string ConnectionInfo::to_text() const {
  std::string text;
  const auto add = [&text](const std::string& keyword, const std::string& value) {
    text += keyword + "='";
    for (const char c : value) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += "' ";
  };
  for (const auto& [keyword, value] : parameters_) add(keyword, value);
  if (!options_.empty()) add("options", options_);
  return text;
}

}  // namespace driftstack::database_postgres
