#include "kernel/http/connection.hpp"

#include <ctime>

#include "kernel/http/event_stream.hpp"
#include "kernel/http/response_writer.hpp"
#include "kernel/http/sender.hpp"
#include "kernel/http/websocket_stream.hpp"

namespace driftstack::kernel {
namespace {

using Clock = Deadline::Clock;

// Bodies up to this size are copied behind their head: one buffer is cheaper to send than two (plugin-host.md, part B2). Measured
// break-even of the copy against the second part of sendmsg.
constexpr std::size_t kFlatBody = 16 * 1024;
constexpr std::size_t kLingerRoom = 16 * 1024;
constexpr std::size_t kKeptOut = 64 * 1024;  // room that a lane keeps for composing answers

std::optional<Method> method_of(std::string_view text) noexcept {
  if (text == "GET") return Method::get;
  if (text == "POST") return Method::post;
  if (text == "DELETE") return Method::delete_;
  if (text == "PATCH") return Method::patch;
  if (text == "PUT") return Method::put;
  if (text == "HEAD") return Method::head;
  if (text == "OPTIONS") return Method::options;
  return std::nullopt;
}

// Keeps its gauge and the place of a live answer for as long as it runs.
class OpenLive {
 public:
  OpenLive(Gauge& gauge, CountedPlaces::Place place) noexcept : gauge_(gauge), place_(std::move(place)) { gauge_.add(1); }
  ~OpenLive() { gauge_.add(-1); }
  OpenLive(const OpenLive&) = delete;
  OpenLive& operator=(const OpenLive&) = delete;

 private:
  Gauge& gauge_;
  CountedPlaces::Place place_;
};

}  // namespace

Connection::Connection(Lane& lane, std::shared_ptr<const ServerOptions> options, std::unique_ptr<Transport> transport,
                       const PeerAddress& peer, CountedPlaces::Place place)
    : lane_(lane),
      options_(std::move(options)),
      place_(std::move(place)),
      transport_(std::move(transport)),
      timer_(lane.io, *transport_, *this),
      parser_(options_->head),
      body_(*transport_, timer_, input_) {
  exchange_.peer = peer;
  exchange_.io_thread = lane.thread;
  lane_.connections.insert(this);
  lane_.metrics.connections.add(1);
}

Connection::~Connection() {
  lane_.connections.erase(this);
  lane_.metrics.connections.add(-1);
}

Task<> Connection::serve(std::unique_ptr<Connection> connection) { co_await connection->run(); }

void Connection::drain() noexcept {
  last_ = true;
  const bool waiting = activity_ == Activity::idle || (activity_ == Activity::opening && input_.unread().empty());
  if (waiting) timer_.expire();
  if (live_ != nullptr) live_->stop();
}

void Connection::abort() noexcept {
  last_ = true;
  if (exchange_.call) exchange_.call->cancel();
  timer_.expire();
  if (live_ != nullptr) live_->stop();  // last: the connection may end inside
}

void Connection::on_tick() noexcept {
  if (live_ != nullptr) {
    live_->on_tick();
    return;
  }
  if (transport_->peer_gone() && exchange_.call) exchange_.call->cancel();
  timer_.tick_at(Clock::now() + options_->peer_check);
}

Task<> Connection::run() {
  timer_.limit(Clock::now() + options_->head_timeout);
  const std::size_t agreed = co_await transport_->handshake();
  if (agreed == 0) co_return;
  Next next = Next::request;
  while (next == Next::request) {
    parser_.reset();
    std::optional<HeadState> state = input_.unread().empty() ? HeadState::incomplete : parser_.parse(input_.unread());
    while (state == HeadState::incomplete) {
      if (!expect_head()) co_return;
      const std::span<char> room = input_.room();
      const std::size_t size = co_await transport_->read(room);
      state = take_head_bytes(size);
    }
    if (!state) co_return;
    begin_exchange();
    if (state == HeadState::bad) {
      refuse_head();
    } else {
      co_await lane_.handler.run(exchange_);
      if (lane_.io.current_io_thread() != lane_.thread) co_await on_io(lane_.io, lane_.thread);
    }
    if ((exchange_.response.events || exchange_.response.messages) && !exchange_.head_only) {
      next = co_await answer_live();
      break;
    }
    const KeepAlive keep = decide_keep_alive();
    // The fast way: everything in one buffer, taken by the socket at once. No frame, no allocation, one system call.
    activity_ = Activity::answering;
    std::string& out = lane_.out;
    write_head(out, exchange_, lane_.date.at(std::time(nullptr)), AnswerFraming::length, keep);
    const bool bodiless = exchange_.head_only || never_has_body(exchange_.response.status);
    std::string_view body = bodiless ? std::string_view() : std::string_view(exchange_.response.body);
    if (body.size() <= kFlatBody) {
      out.append(body);
      body = {};
    }
    const auto sent = transport_->send_now(out, body);
    if (sent && *sent == out.size() + body.size() && keep == KeepAlive::yes && body_.finishes_at_once()) {
      body_.finish_now();
      finished(*sent);
      continue;
    }
    if (!sent) {
      finished(0);
      co_return;
    }
    next = co_await answer_slowly(keep, body, *sent);
  }
  if (next == Next::linger) co_await linger();
}

bool Connection::expect_head() noexcept {
  // A new connection has one limit for TLS and its first head. Later the limit of a head begins with its first byte.
  if (activity_ == Activity::opening || activity_ == Activity::receiving) return true;
  if (last_) return false;
  const bool begun = !input_.unread().empty();
  activity_ = begun ? Activity::receiving : Activity::idle;
  if (!begun) input_.shrink();
  timer_.limit(Clock::now() + (begun ? options_->head_timeout : options_->idle_timeout));
  return true;
}

std::optional<HeadState> Connection::take_head_bytes(std::size_t size) {
  if (timer_.expired() && activity_ == Activity::receiving) lane_.metrics.timeouts.add(1);
  if (size == 0 || timer_.expired()) return std::nullopt;
  input_.received(size);
  const HeadState state = parser_.parse(input_.unread());
  if (state == HeadState::incomplete && activity_ == Activity::idle) {
    activity_ = Activity::receiving;
    timer_.limit(Clock::now() + options_->head_timeout);
  }
  return state;
}

void Connection::begin_exchange() {
  const auto now = Clock::now();
  activity_ = Activity::working;
  exchange_.reset();
  exchange_.started = now;
  timer_.tick_at(now + options_->peer_check);
  if (!parser_.problem().empty()) return;
  const RequestHead& head = parser_.head();
  exchange_.method_text = head.method;
  exchange_.method = method_of(head.method);
  exchange_.target = head.target;
  exchange_.headers = head.headers;
  exchange_.host = head.host;
  exchange_.head_only = exchange_.method == Method::head;
  body_.begin(head, parser_.size(), *options_);
  exchange_.body = &body_;
}

// Nothing behind a bad head can be trusted to be a request: one answer, then the end.
void Connection::refuse_head() {
  lane_.metrics.bad_heads.add(1);
  last_ = true;
  const Error error(Errc::bad_request, std::string(parser_.problem()));
  lane_.handler.refuse(exchange_, error);
}

KeepAlive Connection::decide_keep_alive() const noexcept {
  const bool keep = !last_ && !exchange_.close && parser_.head().keep_alive && body_.can_continue();
  return keep ? KeepAlive::yes : KeepAlive::no;
}

void Connection::finished(std::uint64_t bytes) noexcept {
  lane_.handler.finished(exchange_, bytes);
  exchange_.response.body = std::string();  // an idle connection keeps no answer
  exchange_.response.events.reset();
  exchange_.response.messages.reset();
}

// The rest of an answer that the socket did not take at once, and what has to happen before the next request.
Task<Connection::Next> Connection::answer_slowly(KeepAlive keep, std::string_view body, std::size_t sent_already) {
  std::uint64_t sent = sent_already;
  const std::size_t of_head = std::min(sent_already, lane_.out.size());
  const std::string_view rest = body.substr(sent_already - of_head);
  bool done = of_head == lane_.out.size() && rest.empty();
  if (!done) {
    out_.assign(lane_.out, of_head);
    if (lane_.out.capacity() > kKeptOut) lane_.out = std::string();
    done = co_await send_all(*transport_, timer_, options_->write_timeout, out_, rest, sent);
    out_ = std::string();
  }
  finished(sent);
  if (!done) co_return Next::close;
  if (keep == KeepAlive::no) co_return Next::linger;
  const bool dropped = co_await body_.finish();
  co_return dropped ? Next::request : Next::linger;
}

/// Why a live answer may not begin; nothing when it may.
std::optional<Error> Connection::fault_of_live(bool has_place) const {
  constexpr std::int64_t kRetrySeconds = 30;  // platform.md 3
  if (exchange_.response.messages && parser_.head().http_1_0) return Error(Errc::bad_request, "A WebSocket needs HTTP/1.1.");
  if (lane_.draining) return Error(Errc::feature_unavailable, "The server is shutting down.").with_retry_after(kRetrySeconds);
  if (!has_place) return Error(Errc::feature_unavailable, "Too many streams are open.").with_retry_after(kRetrySeconds);
  return std::nullopt;
}

Task<Connection::Next> Connection::answer_live() {
  last_ = true;
  activity_ = Activity::answering;
  std::uint64_t sent = 0;
  if (!exchange_.call) exchange_.call.emplace(std::string(), lane_.thread, Clock::time_point::max());
  std::optional<Uuid> account;
  if (exchange_.call->principal() != nullptr) account = exchange_.call->principal()->account;
  auto taken = lane_.streams.take(account, options_->max_event_streams, options_->max_event_streams_per_account);
  auto* place = std::get_if<CountedPlaces::Place>(&taken);
  if (const auto fault = fault_of_live(place != nullptr)) {
    exchange_.response = Response();
    exchange_.head.clear();
    lane_.handler.refuse(exchange_, *fault);
    write_head(out_, exchange_, lane_.date.at(std::time(nullptr)), AnswerFraming::length, KeepAlive::no);
    const bool done = co_await send_all(*transport_, timer_, options_->write_timeout, out_, exchange_.response.body, sent);
    finished(sent);
    co_return done ? Next::linger : Next::close;
  }
  const bool events = exchange_.response.events != nullptr;
  const OpenLive open(events ? lane_.metrics.event_streams : lane_.metrics.websockets, std::move(*place));
  Task<bool> running = events ? run_events(sent) : run_messages(sent);
  const bool ran = co_await running;
  finished(sent);
  co_return ran ? Next::linger : Next::close;
}

Task<bool> Connection::run_events(std::uint64_t& sent) {
  // An HTTP/1.0 client does not know chunks: its stream ends with the connection.
  const AnswerFraming framing = parser_.head().http_1_0 ? AnswerFraming::until_close : AnswerFraming::chunked;
  write_head(out_, exchange_, lane_.date.at(std::time(nullptr)), framing, KeepAlive::no);
  const bool started = co_await send_all(*transport_, timer_, options_->write_timeout, out_, std::string_view(), sent);
  out_ = std::string();
  EventStream stream(lane_.io, lane_.thread, *transport_, timer_, *options_);
  if (!started) stream.stop();
  live_ = &stream;
  co_await stream.run(*exchange_.response.events, *exchange_.call, framing, sent);
  live_ = nullptr;
  co_return true;
}

Task<bool> Connection::run_messages(std::uint64_t& sent) {
  write_head(out_, exchange_, lane_.date.at(std::time(nullptr)), AnswerFraming::upgrade, KeepAlive::no);
  const bool started = co_await send_all(*transport_, timer_, options_->write_timeout, out_, std::string_view(), sent);
  out_ = std::string();
  if (!started) co_return false;
  const std::size_t limit = exchange_.route != nullptr ? exchange_.route->body_limit : kDefaultBodyLimit;
  std::string early(input_.unread().substr(parser_.size()));
  WebSocketStream stream(lane_, *transport_, timer_, *options_, limit);
  live_ = &stream;
  co_await stream.run(*exchange_.response.messages, *exchange_.call, std::move(early), sent);
  live_ = nullptr;
  co_return true;
}

Task<> Connection::linger() {
  transport_->end_sending();
  if (timer_.expired()) co_return;
  timer_.limit(Clock::now() + options_->linger_timeout);
  std::string room(kLingerRoom, '\0');
  for (std::size_t total = 0; total < options_->linger_limit && !timer_.expired();) {
    const std::span<char> span(room.data(), room.size());
    const std::size_t size = co_await transport_->read(span);
    if (size == 0) co_return;
    total += size;
  }
}

}  // namespace driftstack::kernel
