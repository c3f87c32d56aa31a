#include "egress/dialer.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace driftstack::browser_webkit {
namespace {
constexpr std::chrono::milliseconds kResolveLimit{20'000};
constexpr std::chrono::milliseconds kDialLimit{10'000};  // for each address
}  // namespace

void Dialer::begin(const LookUp& look_up) {
  arm(kResolveLimit, DialFailure::no_such_name);
  look_up(target_.host, [weak = weak_from_this()](const Addresses& addresses) {
    const std::shared_ptr<Dialer> self = weak.lock();
    if (self && self->on_end_ && !std::exchange(self->resolved_, true)) self->dial_all(addresses);
  });
}

void Dialer::cancel() {
  on_end_ = nullptr;
  permits_ = nullptr;
  loop_.cancel(deadline_);
  leave_socket();
}

/// One address that is not permitted spoils the name: an attacker's name server mixes them.
void Dialer::dial_all(const Addresses& addresses) {
  if (addresses.empty()) return fail(DialFailure::no_such_name);
  if (!std::all_of(addresses.begin(), addresses.end(), permits_)) return fail(DialFailure::forbidden);
  addresses_.assign(addresses.rbegin(), addresses.rend());
  dial_next();
}

void Dialer::dial_next() {
  leave_socket();
  while (!addresses_.empty()) {
    const Address address = addresses_.back();
    addresses_.pop_back();
    if (dial(address)) return;
  }
  fail(DialFailure::closed);
}

bool Dialer::dial(const Address& address) {
  const SocketAddress to = socket_address(address, target_.port);
  socket_ = Descriptor(socket(to.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const bool begun = socket_ && (connect(socket_.get(), to.get(), to.size) == 0 || errno == EINPROGRESS);
  if (!begun) return false;
  arm(kDialLimit, DialFailure::too_slow);
  loop_.watch(socket_.get(), LoopThread::Interest::write, [self = shared_from_this()] { self->on_writable(); });
  return true;
}

void Dialer::on_writable() {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return dial_next();
  loop_.unwatch(socket_.get());
  loop_.cancel(deadline_);
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const OnEnd tell = std::exchange(on_end_, nullptr);
  if (tell) tell(std::move(socket_), DialFailure::closed);
}

void Dialer::arm(std::chrono::milliseconds limit, DialFailure when_over) {
  loop_.cancel(deadline_);
  deadline_ = loop_.after(limit, [weak = weak_from_this(), when_over] {
    const std::shared_ptr<Dialer> self = weak.lock();
    if (!self) return;
    if (self->addresses_.empty()) return self->fail(when_over);
    self->dial_next();
  });
}

void Dialer::fail(DialFailure failure) {
  loop_.cancel(deadline_);
  leave_socket();
  resolved_ = true;
  const OnEnd tell = std::exchange(on_end_, nullptr);
  if (tell) tell(Descriptor(), failure);
}

void Dialer::leave_socket() {
  if (!socket_) return;
  loop_.unwatch(socket_.get());
  socket_.reset();
}

}  // namespace driftstack::browser_webkit
