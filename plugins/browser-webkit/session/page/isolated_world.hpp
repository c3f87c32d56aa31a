#pragma once
// Calls into the agent (page/agent/), which lives in a script world that the page cannot see. [main-thread]

#include <webkit2/webkit2.h>

#include <string>
#include <string_view>

#include "command.hpp"
#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/support/wire.hpp"
#include "outcome.hpp"
#include "page/frames.hpp"

namespace driftstack::browser_webkit {

inline constexpr const char* kWorldName = "driftstack";

class IsolatedWorld {
 public:
  explicit IsolatedWorld(WebKitWebView* view) : view_(view) {}

  /// Calls a function of the agent. `Result` is a described struct; `arguments` a described struct too.
  /// Fails with bad_request when the agent could not parse a selector or pattern, timeout when the page did not answer until `until`.
  template <class Result, class Arguments>
  Work<Result> call(Command& command, std::string_view function, const Arguments& arguments, Deadline until) {
    Outcome<std::string> text = co_await call_for_text(command, function, wire::to_text(arguments), until);
    if (!text) co_return std::move(text.failure());
    co_return read_reply<Result>(*text);
  }
  /// The same in a frame of `find_frame`; the top document's functions too.
  template <class Result, class Arguments>
  Work<Result> call_in(const Frame& frame, Command& command, std::string_view function, const Arguments& arguments, Deadline until) {
    Outcome<std::string> text = co_await call_in_for_text(frame.id, command, function, wire::to_text(arguments), until);
    if (!text) co_return std::move(text.failure());
    co_return read_reply<Result>(*text);
  }

  /// The same for a function whose answer is plain text.
  Work<std::string> call_for_text(Command& command, std::string_view function, std::string arguments, Deadline until);
  /// `frame` is the id of a Frame.
  Work<std::string> call_in_for_text(std::string frame, Command& command, std::string_view function, std::string arguments, Deadline until);

  /// The one frame, the top document included, whose address fits. Nothing when none does, conflict when several do.
  Work<std::optional<Frame>> find_frame(Command& command, browser::FrameMatch match);

  Frames& frames() { return frames_; }

 private:
  template <class Result>
  struct Reply {
    std::optional<Result> value;
    std::optional<std::string> bad_request;
    static constexpr auto shape = wire::object(wire::field<&Reply::value>("value"), wire::field<&Reply::bad_request>("bad_request"));
  };

  template <class Result>
  static Outcome<Result> read_reply(const std::string& text) {
    Reply<Result> reply;
    wire::Issues issues;
    if (wire::read(text, reply, issues) != wire::Outcome::ok) {
      return failure(FailureCode::too_large, "the page's answer cannot be carried: " + issues.summary());
    }
    if (reply.bad_request) return failure(FailureCode::bad_request, std::move(*reply.bad_request));
    if (!reply.value) return failure(FailureCode::internal, "the page agent gave no value");
    return std::move(*reply.value);
  }

  WebKitWebView* view_;
  Frames frames_;
};

/// The frame that an action is about: the top document without a match, else the one that fits. Fails with conflict when there is not
/// exactly one.
Work<Frame> frame_for(IsolatedWorld& world, Command& command, std::optional<browser::FrameMatch> match);

/// The user script that puts the agent into every frame. Caller owns the reference.
WebKitUserScript* make_agent_script();

}  // namespace driftstack::browser_webkit
