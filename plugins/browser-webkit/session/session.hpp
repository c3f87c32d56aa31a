#pragma once
// One browser session: takes the server's requests one at a time and carries them out. [main-thread]

#include <memory>
#include <mutex>
#include <string>

#include "actions/text.hpp"
#include "command.hpp"
#include "compositor/compositor.hpp"
#include "control_channel.hpp"
#include "page/page.hpp"
#include "state/session_storage.hpp"
#include "view/frame_tap.hpp"

namespace driftstack::browser_webkit {

class Session {
 public:
  /// `control` is the connected socket; `directory` the private runtime directory.
  Session(int control, std::string directory);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// True while there is nothing to do but what the page does by itself.
  bool is_idle() const;
  /// True while somebody looks at the pictures of the page.
  bool is_watched() const { return tap_.open(); }
  /// Readable when a picture waits to be sent.
  int frame_ready() const { return frame_ready_; }

 private:
  void take(protocol::Request request, MemoryFile attached);
  void run(protocol::Request request);
  /// Reads the message of a request, runs it under its deadline, answers.
  template <class Message, class Result>
  Task<void> act(protocol::Request request, Work<Result> (Session::*work)(Message));
  void reply(std::int64_t id, Outcome<Attachment>& outcome, const Command& command);
  void reply(std::int64_t id, Outcome<MemoryFile>& outcome, const Command& command);
  template <class Result>
  void reply(std::int64_t id, Outcome<Result>& outcome, const Command& command);

  Work<protocol::Empty> start(protocol::Start settings);
  Work<browser::Navigated> navigate(browser::Navigate message);
  Work<browser::Interacted> interact(browser::Interact message);
  Work<browser::Waited> wait(browser::Wait message);
  Work<browser::State> state(browser::GetState message);
  Work<Attachment> capture(browser::Capture message);
  Work<browser::Extracted> extract(browser::Extract message);
  Work<browser::Searched> search(browser::Search message);
  Work<browser::LoggedIn> login(browser::Login message);
  Work<browser::Interacted> send_input(browser::SendInput message);
  Work<MemoryFile> save_state(browser::SaveState message);

  void look(const protocol::Request& request);
  void send_frame();
  static gboolean on_frame_ready(gint descriptor, GIOCondition condition, gpointer self);

  [[noreturn]] void end(const std::string& reason);

  std::string directory_;
  ControlChannel channel_;
  int frame_ready_;
  std::mutex frame_mutex_;
  std::optional<std::string> frame_;  // a JPEG that waits to be sent; guarded by frame_mutex_
  FrameTap tap_;                      // before the compositor, which fills it
  std::unique_ptr<Compositor> compositor_;
  std::unique_ptr<Page> page_;
  std::unique_ptr<SessionStorage> storage_;  // of a session that keeps its state
  std::unique_ptr<Keyboard> keyboard_;
  std::unique_ptr<Command> command_;         // the running one
  MemoryFile state_;                         // to begin with
  std::optional<protocol::Request> saving_;  // waits until the running command has been cancelled
  bool saved_ = false;                       // the pages have been ended
  Deadline settled_at_;                      // when the consequences of the last command have been painted
};

}  // namespace driftstack::browser_webkit
