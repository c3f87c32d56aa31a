#pragma once
// TLS between memory and memory, so that one loop serves plain and encrypted sockets.

#include <memory>
#include <string>
#include <string_view>

#include "driftstack/result.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace driftstack::rate_limit_redis {

/// What all connections share: the authorities that may vouch for Redis, TLS 1.2 or newer.
class TlsTrust {
 public:
  /// An empty `ca_file` means the authorities of the system. Reads files. [any-thread]
  static Result<TlsTrust> load(const std::string& ca_file);
  ssl_ctx_st* get() const noexcept { return context_.get(); }

 private:
  explicit TlsTrust(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

/// One connection's engine. `wire` is always what has to go to the socket. [one thread]
class TlsChannel {
 public:
  /// Begins the handshake as the client that expects a certificate for `host`.
  TlsChannel(const TlsTrust& trust, const std::string& host, std::string& wire);
  ~TlsChannel();

  /// Takes bytes of the socket; appends what they hold to `plain`. False when the connection is broken: see problem().
  bool receive(std::string_view encrypted, std::string& plain, std::string& wire);
  /// Text before the end of the handshake waits for it. False as above.
  bool send(std::string_view plain, std::string& wire);
  /// Why the connection is broken, for the log.
  const std::string& problem() const noexcept { return problem_; }

 private:
  bool went_on(int result, std::string& wire);

  struct Free {
    void operator()(ssl_st* session) const noexcept;
  };
  std::unique_ptr<ssl_st, Free> session_;
  std::string early_;  ///< what was sent before the handshake ended
  std::string problem_;
};

}  // namespace driftstack::rate_limit_redis
