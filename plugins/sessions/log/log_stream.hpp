#pragma once
// A session's log as it grows, for one client.

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "driftstack/http.hpp"
#include "log/log_store.hpp"
#include "log/session_log.hpp"

namespace driftstack::sessions {

/// Who follows what, from which moment on.
struct LogFollow {
  Uuid account;
  SessionId session;
  LogKinds kinds{};
  std::int64_t behind = 0;
};

/// Follows the database, so that it does not matter which server runs the session. Ends with the session, and with the client's right to
/// it.
class LogStream final : public EventSource {
 public:
  using Question = std::function<AsyncResult<bool>(const Call& call)>;
  struct Questions {
    Question may_read;  ///< whether the client may still see what is noted
    Question is_over;   ///< whether nothing can be noted any more
  };

  /// `on_end` is called when this goes.
  LogStream(Host& host, SessionLog& log, LogStore& store, LogFollow follow, Questions ask, std::function<void()> on_end)
      : host_(host), log_(log), store_(store), follow_(follow), ask_(std::move(ask)), on_end_(std::move(on_end)) {}
  ~LogStream() override { on_end_(); }

  AsyncResult<std::optional<std::string>> next(const Call& call) override;
  void stop() noexcept override { stopped_.store(true); }

 private:
  Host& host_;
  SessionLog& log_;
  LogStore& store_;
  LogFollow follow_;
  Questions ask_;
  std::function<void()> on_end_;
  bool over_seen_ = false;
  std::atomic<bool> stopped_{false};
};

}  // namespace driftstack::sessions
