#include "egress/proxy_probe.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace driftstack::browser_webkit {
namespace {

using browser::ProxyFailure;

constexpr std::size_t kMostBytes = 32 * 1024;
constexpr std::string_view kAnyAnswer = "HTTP/1.";

}  // namespace

void ProxyProbe::begin(Egress& egress, browser::ProbeProxy message, EgressTarget target, OnEnd on_end) {
  const std::chrono::milliseconds limit(message.timeout_ms);
  std::make_shared<ProxyProbe>(egress, std::move(message), std::move(target), std::move(on_end))->dial(limit);
}

ProxyProbe::ProxyProbe(Egress& egress, browser::ProbeProxy message, EgressTarget target, OnEnd on_end)
    : egress_(egress),
      proxy_(std::make_shared<browser::Proxy>(std::move(message.proxy))),
      target_(std::move(target)),
      on_end_(std::move(on_end)),
      handshake_(proxy_, target_) {}

/// The timer holds the probe until it ends.
void ProxyProbe::dial(std::chrono::milliseconds limit) {
  const std::shared_ptr<ProxyProbe> self = shared_from_this();
  deadline_ = egress_.loop.after(limit, [self] { self->end(self->socket_ ? ProxyFailure::timeout : ProxyFailure::unreachable); });
  const EgressTarget stop{proxy_->host, static_cast<std::uint16_t>(proxy_->port)};
  Dialer::Permits permits = [this, stop](const Address& address) { return egress_.permits(stop, address); };
  dialer_ = std::make_shared<Dialer>(egress_.loop, stop, std::move(permits),
                                     [this](Descriptor socket, DialFailure failure) { on_dialled(std::move(socket), failure); });
  dialer_->begin([this](std::string host, Dialer::Tell tell) { egress_.resolver.resolve(std::move(host), std::move(tell)); });
}

void ProxyProbe::on_dialled(Descriptor socket, DialFailure) {
  const std::shared_ptr<ProxyProbe> self = shared_from_this();
  if (!socket) return end(ProxyFailure::unreachable);
  socket_ = std::move(socket);
  egress_.loop.watch(socket_.get(), [self] { self->on_readable(); });
  advance();
}

void ProxyProbe::on_readable() {
  const std::shared_ptr<ProxyProbe> self = shared_from_this();
  std::array<char, 4096> piece;
  const ssize_t got = recv(socket_.get(), piece.data(), piece.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return end(ProxyFailure::egress_blocked);
  received_.append(piece.data(), static_cast<std::size_t>(got));
  if (received_.size() > kMostBytes) return end(ProxyFailure::egress_blocked);
  advance();
}

void ProxyProbe::advance() {
  if (!through_) {
    std::string to_send;
    const UpstreamHandshake::State state = handshake_.advance(received_, to_send);
    if (state == UpstreamHandshake::State::auth_failed) return end(ProxyFailure::auth_failed);
    const bool fine = state == UpstreamHandshake::State::running || state == UpstreamHandshake::State::done;
    if (!fine || !say(to_send)) return end(ProxyFailure::egress_blocked);
    if (state == UpstreamHandshake::State::running) return;
    through_ = true;
    if (!say("HEAD / HTTP/1.1\r\nHost: " + target_.host + "\r\nConnection: close\r\n\r\n")) return end(ProxyFailure::egress_blocked);
  }
  if (received_.size() >= kAnyAnswer.size()) {
    if (received_.starts_with(kAnyAnswer)) return end(std::nullopt);
    end(ProxyFailure::egress_blocked);
  }
}

bool ProxyProbe::say(const std::string& text) const {
  return text.empty() || send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

void ProxyProbe::end(std::optional<ProxyFailure> failure) {
  const std::shared_ptr<ProxyProbe> self = shared_from_this();
  const OnEnd tell = std::exchange(on_end_, nullptr);
  if (!tell) return;
  egress_.loop.cancel(deadline_);
  dialer_->cancel();
  if (socket_) egress_.loop.unwatch(socket_.get());
  socket_.reset();
  browser::ProxyProbed result;
  result.failure = failure;
  result.latency_ms = std::chrono::duration_cast<std::chrono::milliseconds>(LoopThread::Clock::now() - begun_at_).count();
  tell(result);
}

}  // namespace driftstack::browser_webkit
