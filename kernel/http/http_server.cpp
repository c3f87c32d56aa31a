#include "kernel/http/http_server.hpp"

#include <unistd.h>

#include <future>
#include <mutex>
#include <vector>

#include "kernel/http/connection.hpp"
#include "kernel/http/listener.hpp"

namespace driftstack::kernel {
namespace {

// After its call was cancelled and its socket closed, a request has this long to notice.
constexpr std::chrono::seconds kAbortPatience{2};

/// What a connection is made with. Replaced as a whole by a reload.
struct Terms {
  std::shared_ptr<const ServerOptions> options;
  std::shared_ptr<const TlsContext> tls;  ///< null: plain
};

Result<Terms> make_terms(ServerOptions options) {
  Terms terms;
  if (options.tls) {
    auto tls = TlsContext::make(*options.tls);
    if (!tls) return std::move(tls).error();
    terms.tls = std::move(*tls);
    options.tls.reset();  // the key lives in the TLS context only
  }
  terms.options = std::make_shared<const ServerOptions>(std::move(options));
  return terms;
}

}  // namespace

HttpMetrics::HttpMetrics(Metrics& metrics)
    : connections(metrics.gauge("driftstack_http_connections", "Open client connections.", {})),
      event_streams(metrics.gauge("driftstack_http_event_streams", "Open event streams.", {})),
      websockets(metrics.gauge("driftstack_http_websockets", "Open WebSockets.", {})),
      websocket_sent(metrics.counter("driftstack_http_websocket_message_total", "Messages of WebSockets.", {Label("direction", "sent")})),
      websocket_received(
          metrics.counter("driftstack_http_websocket_message_total", "Messages of WebSockets.", {Label("direction", "received")})),
      websocket_broken(
          metrics.counter("driftstack_http_websocket_broken_total", "WebSockets ended because a client broke the rules of frames.", {})),
      refused_total_cap(
          metrics.counter("driftstack_http_connection_refused_total", "Connections closed at once.", {Label("cap", "total")})),
      refused_address_cap(
          metrics.counter("driftstack_http_connection_refused_total", "Connections closed at once.", {Label("cap", "address")})),
      bad_heads(metrics.counter("driftstack_http_bad_head_total", "Requests refused for their framing.", {})),
      timeouts(metrics.counter("driftstack_http_head_timeout_total", "Connections closed because a head took too long.", {})) {}

// Shared with every connection, so that one that is stuck in a handler never meets a freed object.
struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  State(ServerOptions first_options, IoThreads& io_threads, RequestHandler& request_handler, Log& server_log, Metrics& metrics)
      : first(std::move(first_options)), io(io_threads), log(server_log), counts(metrics) {
    for (IoThread thread = 0; thread < io.io_threads(); ++thread)
      lanes.push_back(std::make_unique<Lane>(io, thread, request_handler, counts, streams));
  }

  std::shared_ptr<const Terms> terms() const {
    const std::lock_guard lock(terms_mutex);
    return current;
  }

  // [io-thread 0]
  void accepted(int descriptor, const PeerAddress& peer) {
    const auto now = terms();
    const ServerOptions& options = *now->options;
    std::optional<Uuid> key;
    if (!options.uncounted || !options.uncounted(peer)) key = address_key(peer);
    auto taken = places.take(key, options.max_connections, options.max_connections_per_address);
    if (const auto* refusal = std::get_if<CountedPlaces::Refusal>(&taken)) {
      (*refusal == CountedPlaces::Refusal::total ? counts.refused_total_cap : counts.refused_address_cap).add(1);
      ::close(descriptor);
      return;
    }
    const IoThread thread = next_lane++ % io.io_threads();
    auto place = std::make_shared<CountedPlaces::Place>(std::move(std::get<CountedPlaces::Place>(taken)));
    auto open = [self = shared_from_this(), thread, descriptor, peer, now, place] {
      self->open(thread, descriptor, peer, *now, std::move(*place));
    };
    if (thread == io.current_io_thread())
      open();
    else
      io.post(thread, std::move(open));
  }

  // [io-thread]
  void open(IoThread thread, int descriptor, const PeerAddress& peer, const Terms& now, CountedPlaces::Place place) {
    Lane& lane = *lanes[thread];
    if (lane.draining) {
      ::close(descriptor);
      return;
    }
    std::unique_ptr<Transport> transport;
    try {
      auto& context = io.context(thread);
      transport = now.tls ? make_tls_transport(context, descriptor, now.tls) : make_plain_transport(context, descriptor);
    } catch (const std::exception& error) {  // the kernel is out of room for another watched descriptor
      ::close(descriptor);
      log.error("a connection cannot be served", {LogField("detail", error.what())});
      return;
    }
    auto connection = std::make_unique<Connection>(lane, now.options, std::move(transport), peer, std::move(place));
    detach(serve(shared_from_this(), std::move(connection)));
  }

  static Task<> serve(std::shared_ptr<State>, std::unique_ptr<Connection> connection) { co_await Connection::serve(std::move(connection)); }

  // Runs work on a thread and waits for it, but not for ever: a plugin that blocks an io thread must not block the way out. [main-thread]
  void run_on(IoThread thread, std::function<void()> work) {
    auto done = std::make_shared<std::promise<void>>();
    io.post(thread, [self = shared_from_this(), done, work = std::move(work)] {
      work();
      done->set_value();
    });
    if (done->get_future().wait_for(kAbortPatience) != std::future_status::ready)
      log.error("an io thread is blocked", {LogField("thread", static_cast<std::int64_t>(thread))});
  }

  void stop_listening() {
    if (listeners.empty()) return;
    run_on(0, [this] {
      for (auto& listener : listeners) listener->end();
    });
    // The listeners' last handlers run before this.
    run_on(0, [this] { listeners.clear(); });
  }

  void each_connection(void (Connection::*work)() noexcept) {
    for (auto& lane : lanes)
      run_on(lane->thread, [&lane = *lane, work] {
        lane.draining = true;
        const std::vector<Connection*> now(lane.connections.begin(), lane.connections.end());  // work may end some
        for (Connection* connection : now)
          if (lane.connections.contains(connection)) (connection->*work)();
      });
  }

  ServerOptions first;
  IoThreads& io;
  Log& log;
  HttpMetrics counts;
  CountedPlaces places;
  CountedPlaces streams;
  std::vector<std::unique_ptr<Lane>> lanes;
  std::vector<std::unique_ptr<Listener>> listeners;  // used on thread 0 while they accept
  std::vector<std::uint16_t> ports;
  mutable std::mutex terms_mutex;
  std::shared_ptr<const Terms> current;
  IoThread next_lane = 0;
};

HttpServer::HttpServer(ServerOptions options, IoThreads& io, RequestHandler& handler, Log& log, Metrics& metrics)
    : state_(std::make_shared<State>(std::move(options), io, handler, log, metrics)) {}

HttpServer::~HttpServer() { drain(std::chrono::steady_clock::now()); }

Result<> HttpServer::start() {
  State& state = *state_;
  auto terms = make_terms(state.first);
  if (!terms) return std::move(terms).error();
  state.current = std::make_shared<const Terms>(std::move(*terms));
  std::vector<std::unique_ptr<Listener>> listeners;
  for (const auto& address : state.first.listen) {
    auto listener = Listener::open(state.io.context(0), address, state.log);
    if (!listener) return std::move(listener).error();
    state.ports.push_back((*listener)->port());
    listeners.push_back(std::move(*listener));
  }
  state.listeners = std::move(listeners);
  state.run_on(0, [&state] {
    for (auto& listener : state.listeners)
      listener->begin([&state](int descriptor, const PeerAddress& peer) { state.accepted(descriptor, peer); });
  });
  return Done();
}

std::uint16_t HttpServer::bound_port(std::size_t address) const noexcept { return state_->ports[address]; }

Result<> HttpServer::reload(ServerOptions options) {
  if (options.tls.has_value() != (state_->terms()->tls != nullptr)) return Error(Errc::conflict, "switching TLS on or off needs a restart");
  auto terms = make_terms(std::move(options));
  if (!terms) return std::move(terms).error();
  const std::lock_guard lock(state_->terms_mutex);
  state_->current = std::make_shared<const Terms>(std::move(*terms));
  return Done();
}

std::size_t HttpServer::drain(std::chrono::steady_clock::time_point deadline) {
  state_->stop_listening();
  if (state_->places.taken() == 0) return 0;
  state_->each_connection(&Connection::drain);
  if (state_->places.wait_until_empty(deadline)) return 0;
  state_->each_connection(&Connection::abort);
  state_->places.wait_until_empty(std::chrono::steady_clock::now() + kAbortPatience);
  return state_->places.taken();
}

std::size_t HttpServer::open_connections() const noexcept { return state_->places.taken(); }

}  // namespace driftstack::kernel
