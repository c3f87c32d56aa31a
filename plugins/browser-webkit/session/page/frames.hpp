#pragma once
// The frames below the top document, as their agents report themselves (page/agent/frames.js). The engine runs our calls in the top
// document only; an agent of another frame therefore keeps one message waiting here, whose reply names the next call. [main-thread]

#include <webkit2/webkit2.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command.hpp"

namespace driftstack::browser_webkit {

/// How a call into an agent ended: its text, or why there is none.
struct CallResult {
  std::optional<std::string> text;
  std::string error;
};

/// A frame that was found by its address. With an empty id it is the top document.
struct Frame {
  /// The way from a frame to one around it: the agent there, and the place of the inner frame in its list.
  struct Step {
    std::string id;
    std::int32_t index = 0;
  };
  std::string id;
  std::vector<Step> outwards;  ///< innermost first; empty for the top document

  bool is_top() const { return id.empty(); }
};

class Frames {
 public:
  Frames() = default;
  Frames(const Frames&) = delete;
  Frames& operator=(const Frames&) = delete;

  /// A frame's agent asks for work, with the answer to the last one. `text` is its message.
  void note(std::string_view text, JSCContext* context, WebKitScriptMessageReply* reply);
  /// The top document was replaced: no frame of the old one answers any more.
  void forget_all() { agents_.clear(); }
  void forget(const std::string& id) { agents_.erase(id); }

  std::vector<std::string> ids() const;
  /// The answer comes when the frame's agent has run the function; never, when the frame is gone.
  OneShot<CallResult> call(const std::string& id, std::string_view function, std::string arguments);

 private:
  struct ContextDeleter {
    void operator()(JSCContext* context) const { g_object_unref(context); }
  };
  struct ReplyDeleter {
    void operator()(WebKitScriptMessageReply* reply) const { webkit_script_message_reply_unref(reply); }
  };
  struct Agent {
    std::unique_ptr<JSCContext, ContextDeleter> context;
    std::unique_ptr<WebKitScriptMessageReply, ReplyDeleter> waiting;  // null while it works
    std::int64_t call = 0;                                            // that it works on
    std::optional<OneShot<CallResult>> answer;
  };

  std::map<std::string, Agent> agents_;
  std::int64_t last_call_ = 0;
};

}  // namespace driftstack::browser_webkit
