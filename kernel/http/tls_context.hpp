#pragma once

#include <memory>
#include <string>

#include "driftstack/result.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace driftstack::kernel {

/// Certificate and key of the server, as PEM texts.
struct TlsIdentity {
  std::string certificate_chain;  ///< the server's certificate first
  std::string private_key;
};

/// TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers only. Immutable, shared by connections; a reload makes a new one.
/// [any-thread]
class TlsContext {
 public:
  /// Errc::validation_failed when a text is no PEM or the key does not fit the certificate; the error never repeats the key.
  static Result<std::shared_ptr<const TlsContext>> make(const TlsIdentity& identity);

  struct FreeContext {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  struct FreeSession {
    void operator()(ssl_st* session) const noexcept;
  };
  using Session = std::unique_ptr<ssl_st, FreeSession>;

  /// A server session on a connected socket; null when memory is out.
  Session make_session(int descriptor) const noexcept;

 private:
  explicit TlsContext(std::unique_ptr<ssl_ctx_st, FreeContext> context) noexcept : context_(std::move(context)) {}
  std::unique_ptr<ssl_ctx_st, FreeContext> context_;
};

}  // namespace driftstack::kernel
