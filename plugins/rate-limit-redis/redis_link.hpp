#pragma once
// One io thread's connection to Redis: it connects, signs in, carries draws, and comes back by itself.

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "draw_script.hpp"
#include "driftstack/host.hpp"
#include "driftstack/support/bucket_table.hpp"
#include "link_socket.hpp"
#include "redis_address.hpp"
#include "tls_channel.hpp"

struct redisReply;
struct redisReader;

namespace driftstack::rate_limit_redis {

/// What all links of a limiter share; constant after configure.
struct LinkPlan {
  RedisAddress address;
  std::optional<TlsTrust> trust;  ///< set for rediss://
  DrawScript script;
  std::string probe_key;                     ///< a bucket that every new connection draws on, to learn whether Redis takes writes
  std::chrono::nanoseconds answer_within{};  ///< how long a draw waits
};

/// Told how links fare. Implemented by the limiter. [any io thread]
class LinkObserver {
 public:
  virtual void link_is_up() noexcept = 0;
  /// A link that was up is lost (`lost`), or the first attempt of one failed.
  virtual void link_is_down(bool lost, std::string_view reason) noexcept = 0;

 protected:
  ~LinkObserver() = default;
};

class PendingDraw;

/// [its io thread], but for the constructor.
class RedisLink {
 public:
  RedisLink(Scheduler& scheduler, IoThread thread, const LinkPlan& plan, LinkObserver& observer);
  ~RedisLink();
  RedisLink(const RedisLink&) = delete;
  RedisLink& operator=(const RedisLink&) = delete;

  /// How the first attempt went.
  enum class Outcome { up, unreachable, refused };
  /// Begins to connect; the link goes on by itself until close().
  Task<> open();
  /// Answers when the first attempt is decided. One waiter.
  Task<Outcome> first_outcome();
  /// Ends the connection; outstanding draws go on without an answer. Nothing of the link runs afterwards.
  Task<> close();
  /// Why the first attempt failed.
  const std::string& reason() const noexcept { return reason_; }
  IoThread thread() const noexcept { return thread_; }

 private:
  friend class PendingDraw;
  enum class State { closed, waiting, resolving, connecting, greeting, up };

  struct OnSocket final : ReadinessHandler {
    explicit OnSocket(RedisLink& link) noexcept : link(link) {}
    void on_ready(Readiness what) noexcept override { link.on_socket(what); }
    RedisLink& link;
  };
  struct OnTimer final : ReadinessHandler {
    explicit OnTimer(RedisLink& link) noexcept : link(link) {}
    void on_ready(Readiness) noexcept override { link.on_timer(); }
    RedisLink& link;
  };

  /// False when the link is not up.
  bool submit(PendingDraw& draw);
  Task<> resolve();
  Task<> flush_next_turn();
  void connect_to_next();
  void greet();
  void on_socket(Readiness what) noexcept;
  void on_timer() noexcept;
  /// Reads all that arrived and hears every whole reply.
  void hear();
  void hear_replies();
  void hear_greeting(const redisReply& reply);
  void hear_draw(const redisReply& reply);
  bool send(std::string_view commands);
  void fail(Outcome outcome, std::string reason);
  void settle(Outcome outcome);
  /// Ends the socket and lets every outstanding draw go on without an answer.
  void drop_connection();
  void resume_answered();

  Scheduler& scheduler_;
  const IoThread thread_;
  const LinkPlan& plan_;
  LinkObserver& observer_;
  OnSocket on_socket_{*this};
  OnTimer on_timer_{*this};
  LinkSocket socket_;
  std::unique_ptr<LinkTimer> timer_;
  std::unique_ptr<TlsChannel> tls_;
  struct FreeReader {
    void operator()(redisReader* reader) const noexcept;
  };
  std::unique_ptr<redisReader, FreeReader> reader_;

  State state_ = State::closed;
  std::vector<Endpoint> endpoints_;  ///< what the name resolved to
  std::size_t next_endpoint_ = 0;
  int greetings_left_ = 0;  ///< replies that are still to come before the link is up
  std::chrono::nanoseconds back_off_{};
  std::string commands_;  ///< of draws of this turn of the loop, sent together
  bool flush_posted_ = false;
  std::deque<PendingDraw*> pending_;               ///< sent, in the order of their replies
  std::vector<std::coroutine_handle<>> answered_;  ///< to be resumed together
  std::optional<Outcome> outcome_;                 ///< of the first attempt
  std::string reason_;
  std::coroutine_handle<> opener_;  ///< waits for the first outcome
  std::coroutine_handle<> closer_;  ///< waits until the name is resolved, which cannot be cut short
};

/// `co_await` it: the draw, or nothing when Redis did not answer in time. Lives in the frame that awaits it.
class PendingDraw {
 public:
  PendingDraw(RedisLink& link, DrawCommand command) : link_(link), command_(std::move(command)) {}
  PendingDraw(const PendingDraw&) = delete;
  PendingDraw& operator=(const PendingDraw&) = delete;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    return link_.submit(*this);
  }
  std::optional<rate_limit::Draw> await_resume() const noexcept { return answer_; }

 private:
  friend class RedisLink;
  RedisLink& link_;
  DrawCommand command_;
  std::coroutine_handle<> waiter_;
  std::chrono::steady_clock::time_point deadline_;
  bool sent_with_text_ = false;
  std::optional<rate_limit::Draw> answer_;
};

}  // namespace driftstack::rate_limit_redis
