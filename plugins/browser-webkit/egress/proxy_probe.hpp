#pragma once
// Finds out whether a proxy can carry a session: connect, handshake, authentication, and one real request through it. [loop-thread]

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "egress/dialer.hpp"
#include "egress/guard.hpp"
#include "egress/upstream.hpp"

namespace driftstack::browser_webkit {

class ProxyProbe : public std::enable_shared_from_this<ProxyProbe> {
 public:
  using OnEnd = std::function<void(browser::ProxyProbed)>;

  /// `target` answers plain HTTP requests; it is asked for its head.
  static void begin(Egress& egress, browser::ProbeProxy message, EgressTarget target, OnEnd on_end);
  ProxyProbe(Egress& egress, browser::ProbeProxy message, EgressTarget target, OnEnd on_end);
  ProxyProbe(const ProxyProbe&) = delete;
  ProxyProbe& operator=(const ProxyProbe&) = delete;

 private:
  void dial(std::chrono::milliseconds limit);
  void on_dialled(Descriptor socket, DialFailure failure);
  void on_readable();
  void advance();
  bool say(const std::string& text) const;
  void end(std::optional<browser::ProxyFailure> failure);

  Egress& egress_;
  std::shared_ptr<const browser::Proxy> proxy_;
  EgressTarget target_;
  OnEnd on_end_;
  std::shared_ptr<Dialer> dialer_;
  Descriptor socket_;
  UpstreamHandshake handshake_;
  bool through_ = false;  // the handshake is done, the request is on its way
  std::string received_;
  LoopThread::Timer deadline_ = 0;
  LoopThread::Clock::time_point begun_at_ = LoopThread::Clock::now();
};

}  // namespace driftstack::browser_webkit
