#include "egress/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace driftstack::browser_webkit {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr int kPiecesPerTurn = 8;  // then the loop serves others
constexpr std::chrono::milliseconds kHandshakeLimit{10'000};
constexpr std::chrono::milliseconds kIdleLimit{300'000};
constexpr std::uint8_t kRead = 1, kWrite = 2;

bool would_wait() { return errno == EAGAIN || errno == EINTR || errno == EINPROGRESS; }

}  // namespace

EgressConnection::EgressConnection(EgressGuard& guard, Descriptor client) : guard_(&guard), loop_(guard.egress_.loop) {
  client_.socket = std::move(client);
}

void EgressConnection::begin() {
  arm(kHandshakeLimit);
  set_interest(client_, true, false);
}

void EgressConnection::on_ready() {
  switch (state_) {
    case State::greeting:
    case State::request:
      return read_handshake();
    case State::upstream:
      return talk_to_upstream();
    case State::relaying:
      return relay();
    case State::dialling:
    case State::closed:
      return;
  }
}

void EgressConnection::read_handshake() {
  std::array<char, socks::kMostHandshakeBytes> piece;
  const ssize_t got = recv(client_.socket.get(), piece.data(), piece.size(), 0);
  if (got < 0 && would_wait()) return;
  if (got <= 0) return finish();
  handshake_.append(piece.data(), static_cast<std::size_t>(got));
  if (state_ == State::greeting) {
    const socks::Parse greeting = socks::take_greeting(handshake_);
    if (greeting == socks::Parse::broken) return refuse();
    if (greeting == socks::Parse::incomplete) return;
    // A fresh socket takes a few bytes; one that does not is none of an engine.
    const bool welcomed = send(client_.socket.get(), socks::kWelcome.data(), socks::kWelcome.size(), MSG_NOSIGNAL) ==
                          static_cast<ssize_t>(socks::kWelcome.size());
    if (!welcomed) return finish();
    state_ = State::request;
  }
  const socks::Parse request = socks::take_request(handshake_, target_);
  if (request == socks::Parse::incomplete && handshake_.size() < socks::kMostHandshakeBytes) return;
  if (request != socks::Parse::ready) return refuse();
  set_interest(client_, false, false);
  server_.unsent = std::move(handshake_);
  judge();
}

void EgressConnection::judge() {
  if (!guard_->permits(target_)) return refuse();
  state_ = State::dialling;
  loop_.cancel(deadline_);
  const EgressTarget first_stop = guard_->first_stop(target_);
  Dialer::Permits permits = [this, first_stop](const Address& address) { return guard_->permits(first_stop, address); };
  // Both end with this connection: close() cancels the dialer.
  dialer_ = std::make_shared<Dialer>(loop_, first_stop, std::move(permits), [this](Descriptor socket, DialFailure failure) {
    const std::shared_ptr<EgressConnection> self = shared_from_this();
    on_dialled(std::move(socket), failure);
  });
  dialer_->begin([this](std::string host, Dialer::Tell tell) { guard_->look_up(std::move(host), std::move(tell)); });
}

void EgressConnection::on_dialled(Descriptor socket, DialFailure failure) {
  if (!socket) {
    switch (failure) {
      case DialFailure::forbidden:
        return refuse();
      case DialFailure::no_such_name:
        // Of the proxy's own name the page learns nothing.
        return answer_and_finish(guard_->upstream() ? socks::Reply::refused : socks::Reply::no_such_name);
      case DialFailure::closed:
        return answer_and_finish(socks::Reply::refused);
      case DialFailure::too_slow:
        return answer_and_finish(socks::Reply::too_slow);
    }
  }
  server_.socket = std::move(socket);
  if (!guard_->upstream()) return begin_relay();
  state_ = State::upstream;
  upstream_.emplace(guard_->upstream(), target_);
  handshake_.clear();
  arm(kHandshakeLimit);
  set_interest(server_, true, false);
  advance_upstream();
}

void EgressConnection::talk_to_upstream() {
  std::array<char, socks::kMostHandshakeBytes> piece;
  const ssize_t got = recv(server_.socket.get(), piece.data(), piece.size(), 0);
  if (got < 0 && would_wait()) return;
  if (got <= 0) return answer_and_finish(socks::Reply::refused);
  handshake_.append(piece.data(), static_cast<std::size_t>(got));
  advance_upstream();
}

void EgressConnection::advance_upstream() {
  std::string to_send;
  const UpstreamHandshake::State state = upstream_->advance(handshake_, to_send);
  // A fresh socket takes a few hundred bytes at once.
  const bool sent =
      to_send.empty() || send(server_.socket.get(), to_send.data(), to_send.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(to_send.size());
  if (!sent) return answer_and_finish(socks::Reply::refused);
  switch (state) {
    case UpstreamHandshake::State::running:
      return;
    case UpstreamHandshake::State::done:
      return begin_relay();
    case UpstreamHandshake::State::no_such_name:
      return answer_and_finish(socks::Reply::no_such_name);
    case UpstreamHandshake::State::auth_failed:
    case UpstreamHandshake::State::refused:
    case UpstreamHandshake::State::broken:
      return answer_and_finish(socks::Reply::refused);
  }
}

void EgressConnection::begin_relay() {
  const int on = 1;
  setsockopt(client_.socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ++guard_->traffic_.connections;
  state_ = State::relaying;
  client_.unsent = socks::reply(socks::Reply::succeeded);
  if (upstream_) client_.unsent += handshake_;  // the target spoke first, right behind the proxy
  last_activity_ = LoopThread::Clock::now();
  arm(kIdleLimit);
  relay();
}

bool EgressConnection::move(Side& from, Side& to, std::int64_t& counter) {
  std::array<char, kPieceBytes> piece;
  for (int i = 0; i < kPiecesPerTurn; ++i) {
    if (to.unsent.empty() && !from.ended) {
      const ssize_t got = recv(from.socket.get(), piece.data(), piece.size(), 0);
      if (got < 0 && !would_wait()) return false;
      if (got < 0) break;
      if (got == 0) from.ended = true;
      counter += got;
      to.unsent.assign(piece.data(), static_cast<std::size_t>(got));
    }
    if (to.unsent.empty()) break;
    const ssize_t sent = send(to.socket.get(), to.unsent.data(), to.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && !would_wait()) return false;
    if (sent < 0) break;
    last_activity_ = LoopThread::Clock::now();
    to.unsent.erase(0, static_cast<std::size_t>(sent));
  }
  if (from.ended && to.unsent.empty() && !to.shut) {
    shutdown(to.socket.get(), SHUT_WR);
    to.shut = true;
  }
  return true;
}

void EgressConnection::relay() {
  browser::Traffic& traffic = guard_->traffic_;
  const bool whole = move(client_, server_, traffic.bytes_out) && move(server_, client_, traffic.bytes_in);
  if (whole && guard_->is_exhausted()) return refuse();
  if (!whole || client_.shut) return finish();  // what the server said has been handed over: nobody waits for more
  set_interest(client_, !client_.ended && server_.unsent.empty(), !client_.unsent.empty());
  set_interest(server_, !server_.ended && client_.unsent.empty(), !server_.unsent.empty());
}

void EgressConnection::set_interest(Side& side, bool read, bool write) {
  const auto wanted = static_cast<std::uint8_t>((read ? kRead : 0) | (write ? kWrite : 0));
  if (wanted == side.interest) return;
  if (side.interest != 0) loop_.unwatch(side.socket.get());
  side.interest = wanted;
  if (wanted == 0) return;
  LoopThread::Interest interest = LoopThread::Interest::read;
  if (write) interest = read ? LoopThread::Interest::both : LoopThread::Interest::write;
  loop_.watch(side.socket.get(), interest, [self = shared_from_this()] { self->on_ready(); });
}

void EgressConnection::arm(std::chrono::milliseconds limit) {
  loop_.cancel(deadline_);
  deadline_ = loop_.after(limit, [weak = weak_from_this()] {
    const std::shared_ptr<EgressConnection> self = weak.lock();
    if (self) self->on_time();
  });
}

void EgressConnection::on_time() {
  switch (state_) {
    case State::greeting:
    case State::request:
      return finish();
    case State::upstream:
      return answer_and_finish(socks::Reply::too_slow);
    case State::relaying: {
      const auto idle = LoopThread::Clock::now() - last_activity_;
      if (idle >= kIdleLimit) return finish();
      return arm(std::chrono::ceil<std::chrono::milliseconds>(kIdleLimit - idle));
    }
    case State::dialling:
    case State::closed:
      return;
  }
}

void EgressConnection::answer_and_finish(socks::Reply reason) {
  const std::string answer = socks::reply(reason);
  (void)send(client_.socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
  finish();
}

void EgressConnection::refuse() {
  ++guard_->traffic_.refused;
  if (state_ == State::relaying) return finish();
  answer_and_finish(socks::Reply::refused);
}

void EgressConnection::finish() {
  const std::shared_ptr<EgressConnection> self = shared_from_this();
  EgressGuard* guard = guard_;
  close();
  if (guard != nullptr) guard->connections_.erase(self);
}

void EgressConnection::close() {
  state_ = State::closed;
  guard_ = nullptr;
  loop_.cancel(deadline_);
  if (dialer_) dialer_->cancel();
  set_interest(client_, false, false);
  set_interest(server_, false, false);
  client_.socket.reset();
  server_.socket.reset();
}

}  // namespace driftstack::browser_webkit
