#pragma once
// The server's side of one session process: its socket, its deadlines, its end. The process is not trusted: frames are checked and capped,
// and what does not fit ends it. Everything is [loop-thread].

#include <sys/socket.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/result.hpp"
#include "driftstack/support/memory_file.hpp"
#include "driver/frame_feed.hpp"
#include "driver/loop_thread.hpp"
#include "driver/session_launcher.hpp"
#include "egress/guard.hpp"
#include "protocol/frames.hpp"
#include "protocol/messages.hpp"

namespace driftstack::browser_webkit {

/// What a session process answered: JSON of the method's result, and what came with it.
struct Answer {
  wire::Json result;
  std::string attachment;
  MemoryFile state;  ///< of save_state: sealed, and no larger than a state archive may be
};

class Driver : public std::enable_shared_from_this<Driver> {
 public:
  using OnAnswer = std::function<void(Result<Answer>)>;
  using OnGone = std::function<void(const std::string& reason)>;
  using OnEnded = std::function<void()>;

  static constexpr const char* kTooMuchMemory = "the browser used too much memory";

  /// Starts a process. `on_gone` is called once if it ends without having been asked to.
  static Result<std::shared_ptr<Driver>> launch(Egress& egress, const LaunchPlan& plan, OnGone on_gone);
  Driver(Egress& egress, LaunchedSession launched, std::string directory, OnGone on_gone);
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /// Sends a request; `on_answer` is called exactly once. One request at a time: another meanwhile is refused. No answer within `limit`
  /// ends the process.
  void request(protocol::Method method, wire::Json params, std::chrono::milliseconds limit, OnAnswer on_answer,
               MemoryFile attached = MemoryFile());
  /// The last request: the running one is cancelled, and none is taken after it.
  void save_state(wire::Json params, std::chrono::milliseconds limit, OnAnswer on_answer);
  /// Kills the whole tree. `on_ended` is called when no process of it is left and its directory is removed. A running request is cancelled.
  void end(OnEnded on_ended);
  /// The same because of something that the process did; counts as gone.
  void fail(const std::string& reason);

  /// Pictures for those who look on.
  FrameFeed& frames() { return frames_; }
  /// Before the first page.
  void set_egress_rules(EgressRules rules);
  std::uint16_t egress_port() const { return launched_.egress_port; }
  /// Of its whole life.
  browser::Traffic traffic() const { return guard_ ? guard_->traffic() : traffic_; }

  void set_on_gone(OnGone on_gone) { on_gone_ = std::move(on_gone); }
  /// Whether `save_state` may be asked for: the process was started for it.
  void set_keeps_state() { keeps_state_ = true; }
  bool keeps_state() const { return keeps_state_; }
  bool alive() const { return !ending_; }
  /// No process is left.
  bool ended() const { return ended_; }
  /// Last part of what it wrote to stderr.
  const std::string& last_words() const { return last_words_; }
  pid_t pid() const { return launched_.pid; }
  /// Bytes of the whole tree, an upper bound first and the fair number when that is over `limit`.
  std::int64_t memory(std::int64_t limit) const;

 private:
  struct Running {
    std::int64_t id;
    protocol::Method method;
    OnAnswer on_answer;
    LoopThread::Timer deadline;
  };

  void watch_all();
  void on_control();
  void on_errors();
  void on_process_ended();
  bool receive();
  void keep_descriptors(msghdr& header);
  void take_frames();
  void take(protocol::FromSession message);
  void take_event(protocol::FromSession message);
  void take_frame(const protocol::FromSession& message);
  void look(bool on);
  Result<> take_content(Answer& answer, std::int64_t size);
  static Result<std::string> read_content(const MemoryFile& file, std::int64_t size);
  static Result<> check_state(const MemoryFile& file, std::int64_t size);
  void begin_request(protocol::Method method, wire::Json params, std::chrono::milliseconds limit, OnAnswer on_answer, MemoryFile attached);
  ssize_t send_unsent();
  void flush();
  void settle(Result<Answer> answer);
  void begin_end(Error for_running);
  void kill_tree();
  void finish_when_empty(int attempts_left);

  Egress& egress_;
  LoopThread& loop_;
  LaunchedSession launched_;
  std::string directory_;
  OnGone on_gone_;
  std::shared_ptr<EgressGuard> guard_;  // while it runs and has a way out
  browser::Traffic traffic_;            // when the guard is gone
  EgressRules rules_;
  protocol::FrameReader reader_;
  std::deque<MemoryFile> received_;
  FrameFeed frames_;
  std::string unsent_;
  MemoryFile unsent_file_;  // goes with the first byte of unsent_
  bool flush_waits_ = false;
  std::int64_t next_id_ = 1;
  std::optional<Running> running_;
  std::optional<std::int64_t> abandoned_;  // the request whose answer nobody waits for any more
  bool keeps_state_ = false;
  bool saving_ = false;
  std::string last_words_;
  std::vector<pid_t> doomed_;  // the tree as it was when it was killed; only where no namespace ends it
  bool ending_ = false;
  bool ended_ = false;
  std::vector<OnEnded> on_ended_;
};

}  // namespace driftstack::browser_webkit
