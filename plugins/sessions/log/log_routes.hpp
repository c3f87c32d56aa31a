#pragma once
// GET /v1/sessions/{id}/logs: a page, or the log as it grows.

#include <map>
#include <memory>
#include <mutex>

#include "driftstack/support/routes.hpp"
#include "log/log_stream.hpp"
#include "log/log_wire.hpp"
#include "store.hpp"

namespace driftstack::sessions {

/// [io-thread]
class LogRoutes {
 public:
  static constexpr int kMostStreams = 10;  // of one account, like its notification streams (identity.md 11)

  LogRoutes(Host& host, SessionStore& sessions, LogStore& store, SessionLog& log)
      : host_(host), sessions_(sessions), store_(store), log_(log), open_(std::make_shared<OpenStreams>()) {}

  void declare(Routes& routes);

  AsyncResult<Response> logs(const Call& call, const Request& request);

 private:
  /// How many streams each account follows here. [any-thread]
  struct OpenStreams {
    bool enter(const Uuid& account);
    void leave(const Uuid& account);
    std::mutex mutex;
    std::map<Uuid, int> count;
  };
  AsyncResult<Response> page(const Call& call, SessionId id, body::LogQuery asked, LogKinds kinds);
  AsyncResult<Response> follow(const Call& call, SessionId id, LogKinds kinds);

  Host& host_;
  SessionStore& sessions_;
  LogStore& store_;
  SessionLog& log_;
  std::shared_ptr<OpenStreams> open_;  // streams end when their clients do, perhaps after this
};

}  // namespace driftstack::sessions
