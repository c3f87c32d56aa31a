#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace driftstack::kernel {

class TlsContext;

/// One operation that a coroutine waits for. Lives in the frame of the coroutine.
struct IoWait {
  std::coroutine_handle<> handle;
  std::size_t bytes = 0;
  bool failed = false;
};

/// The byte stream of one connection, plain or TLS. One read and one wait for room may be pending at a time; an operation always completes
/// later, never inside the call that starts it. [io-thread of the connection]
class Transport {
 public:
  virtual ~Transport() = default;

  /// Agrees on keys; a plain transport has nothing to agree on.
  virtual void start_handshake(IoWait& wait) noexcept = 0;
  /// Completes with at least one byte, or failed: the end of the stream, an error, cancel().
  virtual void start_read(std::span<char> room, IoWait& wait) noexcept = 0;
  /// Completes when send_now may make progress.
  virtual void start_wait_writable(IoWait& wait) noexcept = 0;

  /// Sends as much of `first` and then `second` as is taken at once, 0 for nothing; empty when the connection is broken.
  virtual std::optional<std::size_t> send_now(std::string_view first, std::string_view second) noexcept = 0;
  /// Tells the other side that nothing more comes; reading goes on.
  virtual void end_sending() noexcept = 0;
  /// Makes the pending operations fail soon.
  virtual void cancel() noexcept = 0;
  /// True when the other side closed or reset, even if unread bytes are waiting.
  virtual bool peer_gone() const noexcept = 0;

  class Operation;
  Operation handshake() noexcept;
  Operation read(std::span<char> room) noexcept;
  Operation wait_writable() noexcept;
};

/// Awaiter of one operation; the result is the number of bytes, 0 after a failure; success without bytes (handshake, writable) is 1.
class Transport::Operation {
 public:
  enum class Kind : unsigned char { handshake, read, writable };
  Operation(Transport& transport, Kind kind, std::span<char> room) noexcept : transport_(transport), kind_(kind), room_(room) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept {
    wait_.handle = handle;
    switch (kind_) {
      case Kind::handshake:
        return transport_.start_handshake(wait_);
      case Kind::read:
        return transport_.start_read(room_, wait_);
      case Kind::writable:
        return transport_.start_wait_writable(wait_);
    }
  }
  std::size_t await_resume() const noexcept {
    if (wait_.failed) return 0;
    return kind_ == Kind::read ? wait_.bytes : 1;
  }

 private:
  Transport& transport_;
  Kind kind_;
  std::span<char> room_;
  IoWait wait_;
};

inline Transport::Operation Transport::handshake() noexcept { return {*this, Operation::Kind::handshake, {}}; }
inline Transport::Operation Transport::read(std::span<char> room) noexcept { return {*this, Operation::Kind::read, room}; }
inline Transport::Operation Transport::wait_writable() noexcept { return {*this, Operation::Kind::writable, {}}; }

/// Take ownership of a connected, non-blocking socket. [io-thread that runs the context]
std::unique_ptr<Transport> make_plain_transport(boost::asio::io_context& context, int descriptor);
std::unique_ptr<Transport> make_tls_transport(boost::asio::io_context& context, int descriptor, std::shared_ptr<const TlsContext> tls);

}  // namespace driftstack::kernel
