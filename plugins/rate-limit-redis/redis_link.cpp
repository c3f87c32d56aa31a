#include "redis_link.hpp"

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "driftstack/support/secret_text.hpp"

namespace driftstack::rate_limit_redis {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds kConnectLimit{2000};  // one address, from SYN to the last greeting
constexpr milliseconds kFirstBackOff{100};   // between attempts, doubled up to the longest
constexpr milliseconds kLongestBackOff{1000};

// Any draw that is allowed writes; the capacity only has to be larger than the number of links that connect within a microsecond.
constexpr std::int64_t kProbeTokens = 10'000;

/// Suspends until the io thread comes round to what was posted before.
class NextTurn {
 public:
  NextTurn(Scheduler& scheduler, IoThread thread) noexcept : scheduler_(scheduler), thread_(thread) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const noexcept { scheduler_.resume_on_io(thread_, handle); }
  void await_resume() const noexcept {}

 private:
  Scheduler& scheduler_;
  IoThread thread_;
};

/// Suspends and leaves the handle where somebody will resume it.
class LeaveHandle {
 public:
  explicit LeaveHandle(std::coroutine_handle<>& place) noexcept : place_(place) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const noexcept { place_ = handle; }
  void await_resume() const noexcept {}

 private:
  std::coroutine_handle<>& place_;
};

struct FreeReply {
  void operator()(void* reply) const noexcept { freeReplyObject(reply); }
};

std::string_view text_of(const redisReply& reply) {
  return reply.str == nullptr ? std::string_view() : std::string_view(reply.str, static_cast<std::size_t>(reply.len));
}

/// `NOSCRIPT`, `LOADING`, `WRONGPASS`: the first word of an error.
bool is_error(const redisReply& reply, std::string_view kind) {
  return reply.type == REDIS_REPLY_ERROR && text_of(reply).substr(0, kind.size()) == kind;
}

std::optional<rate_limit::Draw> draw_of(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 2) return std::nullopt;
  const redisReply& allowed = *reply.element[0];
  const redisReply& level = *reply.element[1];
  if (allowed.type != REDIS_REPLY_INTEGER || level.type != REDIS_REPLY_INTEGER) return std::nullopt;
  rate_limit::Draw draw;
  draw.allowed = allowed.integer == 1;
  draw.left = level.integer * (rate_limit::kGrainsPerToken / kScriptUnitsPerToken);
  return draw;
}

}  // namespace

void RedisLink::FreeReader::operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }

RedisLink::RedisLink(Scheduler& scheduler, IoThread thread, const LinkPlan& plan, LinkObserver& observer)
    : scheduler_(scheduler), thread_(thread), plan_(plan), observer_(observer), socket_(scheduler, on_socket_) {}

RedisLink::~RedisLink() = default;

Task<> RedisLink::open() {
  co_await on_io(scheduler_, thread_);
  timer_ = std::make_unique<LinkTimer>(scheduler_, on_timer_);
  back_off_ = kFirstBackOff;
  state_ = State::resolving;
  detach(resolve());
}

Task<RedisLink::Outcome> RedisLink::first_outcome() {
  co_await on_io(scheduler_, thread_);
  if (!outcome_) co_await LeaveHandle(opener_);
  co_return *outcome_;
}

Task<> RedisLink::close() {
  co_await on_io(scheduler_, thread_);
  const bool was_resolving = state_ == State::resolving;
  state_ = State::closed;
  drop_connection();
  timer_.reset();
  if (was_resolving) co_await LeaveHandle(closer_);
  co_await NextTurn(scheduler_, thread_);  // behind a flush that is posted already
}

Task<> RedisLink::resolve() {
  co_await on_workers(scheduler_);
  std::vector<Endpoint> found = look_up(plan_.address.host, plan_.address.port);
  co_await NextTurn(scheduler_, thread_);
  if (state_ == State::closed) {
    if (closer_) scheduler_.resume_on_io(thread_, std::exchange(closer_, nullptr));
    co_return;
  }
  endpoints_ = std::move(found);
  next_endpoint_ = 0;
  reason_ = "its name does not resolve";
  connect_to_next();
}

void RedisLink::connect_to_next() {
  while (next_endpoint_ < endpoints_.size()) {
    if (socket_.begin(endpoints_[next_endpoint_++])) {
      state_ = State::connecting;
      timer_->arm(kConnectLimit);
      return;
    }
    reason_ = std::strerror(errno);
  }
  fail(Outcome::unreachable, reason_);
}

// Everything in one write; the link is up when every reply has come and none is an error.
void RedisLink::greet() {
  state_ = State::greeting;
  reader_.reset(redisReaderCreate());
  if (!reader_) throw std::bad_alloc();
  if (plan_.trust) tls_ = std::make_unique<TlsChannel>(*plan_.trust, plan_.address.host, socket_.outgoing());
  std::string greeting;
  const RedisAddress& address = plan_.address;
  greetings_left_ = 2;
  if (!address.password.empty() || !address.user.empty()) {
    ++greetings_left_;
    if (address.user.empty())
      append_command(greeting, {"AUTH", address.password.reveal()});
    else
      append_command(greeting, {"AUTH", address.user, address.password.reveal()});
  }
  if (address.database != 0) {
    ++greetings_left_;
    append_command(greeting, {"SELECT", std::to_string(address.database)});
  }
  plan_.script.append_load(greeting);
  DrawCommand probe;
  probe.key = plan_.probe_key;
  probe.limit.capacity = probe.limit.per_minute = kProbeTokens;
  plan_.script.append_draw(greeting, probe);
  const bool sent = send(greeting);
  wipe(greeting.data(), greeting.size());
  if (!sent) fail(Outcome::unreachable, reason_);
}

bool RedisLink::send(std::string_view commands) {
  if (tls_) {
    if (!tls_->send(commands, socket_.outgoing())) {
      reason_ = tls_->problem();
      return false;
    }
  } else {
    socket_.outgoing() += commands;
  }
  if (socket_.flush()) return true;
  reason_ = std::strerror(errno);
  return false;
}

void RedisLink::on_socket(Readiness what) noexcept {
  if (state_ == State::connecting) {
    if (const int error = socket_.connected(); error != 0) {
      reason_ = std::strerror(error);
      return connect_to_next();
    }
    return greet();
  }
  if (what == Readiness::writable) {
    if (!socket_.flush()) fail(Outcome::unreachable, std::strerror(errno));
    return;
  }
  hear();
  resume_answered();
}

// A thread that was busy for longer than a draw may wait finds timer and reply together: the reply counts.
void RedisLink::on_timer() noexcept {
  if (!timer_->fired()) return;
  if (state_ == State::waiting) {
    state_ = State::resolving;
    return detach(resolve());
  }
  if (state_ == State::connecting) {
    reason_ = "it does not take the connection";
    return connect_to_next();
  }
  if (state_ == State::greeting) return fail(Outcome::unreachable, "it does not answer");
  if (state_ != State::up) return;
  hear();
  if (state_ == State::up && !pending_.empty()) {
    const auto left = pending_.front()->deadline_ - SteadyClock::now();
    if (left > SteadyClock::duration::zero())
      timer_->arm(left);
    else
      fail(Outcome::unreachable, "it does not answer in time");
  }
  resume_answered();
}

void RedisLink::hear() {
  for (;;) {
    std::string arrived;
    const auto read = socket_.read(arrived);
    if (read == LinkSocket::Read::nothing_yet) return;
    if (read == LinkSocket::Read::ended) return fail(Outcome::unreachable, "it closed the connection");
    if (tls_) {
      std::string plain;
      const bool sound = tls_->receive(arrived, plain, socket_.outgoing());
      if (!sound) return fail(state_ == State::greeting ? Outcome::refused : Outcome::unreachable, tls_->problem());
      if (!socket_.flush()) return fail(Outcome::unreachable, std::strerror(errno));
      arrived.swap(plain);
    }
    redisReaderFeed(reader_.get(), arrived.data(), arrived.size());
    hear_replies();
    if (!socket_.is_open()) return;
  }
}

void RedisLink::hear_replies() {
  while (socket_.is_open()) {
    void* raw = nullptr;
    if (redisReaderGetReply(reader_.get(), &raw) != REDIS_OK) return fail(Outcome::refused, "it does not speak the protocol of Redis");
    if (raw == nullptr) return;
    const std::unique_ptr<void, FreeReply> owned(raw);
    const auto& reply = *static_cast<const redisReply*>(raw);
    if (state_ == State::greeting)
      hear_greeting(reply);
    else
      hear_draw(reply);
  }
}

void RedisLink::hear_greeting(const redisReply& reply) {
  // A Redis that reads its data at its start, and a replica whose master is gone, are away; the rest is for the operator to mend.
  const bool passes = is_error(reply, "LOADING") || is_error(reply, "MASTERDOWN") || is_error(reply, "BUSY");
  if (reply.type == REDIS_REPLY_ERROR) return fail(passes ? Outcome::unreachable : Outcome::refused, std::string(text_of(reply)));
  if (--greetings_left_ > 0) return;
  state_ = State::up;
  timer_->disarm();
  back_off_ = kFirstBackOff;
  observer_.link_is_up();
  settle(Outcome::up);
}

void RedisLink::hear_draw(const redisReply& reply) {
  if (pending_.empty()) return fail(Outcome::refused, "it answers what nobody asked");
  PendingDraw& draw = *pending_.front();
  if (is_error(reply, "NOSCRIPT") && !draw.sent_with_text_) {
    pending_.pop_front();
    pending_.push_back(&draw);
    draw.sent_with_text_ = true;
    std::string command;
    plan_.script.append_draw_with_text(command, draw.command_);
    if (!send(command)) fail(Outcome::unreachable, reason_);
    return;
  }
  draw.answer_ = draw_of(reply);
  if (!draw.answer_) return fail(Outcome::refused, reply.type == REDIS_REPLY_ERROR ? std::string(text_of(reply)) : "an unexpected reply");
  pending_.pop_front();
  answered_.push_back(draw.waiter_);
}

bool RedisLink::submit(PendingDraw& draw) {
  if (state_ != State::up) return false;
  plan_.script.append_draw(commands_, draw.command_);
  draw.deadline_ = SteadyClock::now() + plan_.answer_within;
  pending_.push_back(&draw);
  if (!timer_->armed()) timer_->arm(plan_.answer_within);
  if (!std::exchange(flush_posted_, true)) detach(flush_next_turn());
  return true;
}

// Draws of requests that arrived together leave in one write.
Task<> RedisLink::flush_next_turn() {
  co_await NextTurn(scheduler_, thread_);
  flush_posted_ = false;
  const std::string commands = std::exchange(commands_, {});
  if (state_ != State::up) co_return;
  const bool sent = send(commands);
  if (!sent) fail(Outcome::unreachable, reason_);
  resume_answered();
}

void RedisLink::fail(Outcome outcome, std::string reason) {
  const bool first = !outcome_.has_value(), was_up = state_ == State::up;
  reason_ = std::move(reason);
  drop_connection();
  state_ = State::waiting;
  timer_->arm(back_off_);
  back_off_ = std::min<std::chrono::nanoseconds>(back_off_ * 2, kLongestBackOff);
  if (first || was_up) observer_.link_is_down(was_up, reason_);
  settle(outcome);
}

void RedisLink::settle(Outcome outcome) {
  if (!outcome_) outcome_ = outcome;
  if (opener_) scheduler_.resume_on_io(thread_, std::exchange(opener_, nullptr));
}

void RedisLink::drop_connection() {
  socket_.close();
  tls_.reset();
  commands_.clear();
  for (const PendingDraw* draw : pending_) answered_.push_back(draw->waiter_);
  pending_.clear();
  resume_answered();
}

void RedisLink::resume_answered() {
  if (answered_.empty()) return;
  const auto answered = std::exchange(answered_, {});
  scheduler_.resume_all_on_io(thread_, answered);
}

}  // namespace driftstack::rate_limit_redis
