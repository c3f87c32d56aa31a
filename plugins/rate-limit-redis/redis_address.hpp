#pragma once
// Where Redis is and how to sign in there, read from a URL.

#include <cstdint>
#include <string>
#include <string_view>

#include "driftstack/result.hpp"
#include "driftstack/support/secret_text.hpp"

namespace driftstack::rate_limit_redis {

struct RedisAddress {
  /// `redis[s]://[[user]:password@]host[:port][/database]`, the form of the IANA registration; user and password percent-encoded. The
  /// error never repeats the URL, which may hold a password.
  static Result<RedisAddress> from_url(std::string_view url);
  /// `host:port`, for the log.
  std::string place() const;

  bool tls = false;
  std::string host;  ///< name, IPv4 address, or IPv6 address without brackets
  std::uint16_t port = 6379;
  std::string user;  ///< empty: the default user
  SecretText password;
  int database = 0;
};

}  // namespace driftstack::rate_limit_redis
