#include "page/frames.hpp"

#include "driftstack/support/wire.hpp"

namespace driftstack::browser_webkit {
namespace {

// A page may make frames without end; those beyond cannot be addressed.
constexpr std::size_t kMostFrames = 500;

struct AgentMessage {
  std::string frame;
  std::optional<std::int64_t> id;
  std::optional<std::string> text, error;
  static constexpr auto shape = wire::object(wire::field<&AgentMessage::frame>("frame"), wire::field<&AgentMessage::id>("id"),
                                             wire::field<&AgentMessage::text>("text"), wire::field<&AgentMessage::error>("error"));
};

struct AgentCall {
  std::int64_t id = 0;
  std::string name, args;
  static constexpr auto shape =
      wire::object(wire::field<&AgentCall::id>("id"), wire::field<&AgentCall::name>("name"), wire::field<&AgentCall::args>("args"));
};

}  // namespace

void Frames::note(std::string_view text, JSCContext* context, WebKitScriptMessageReply* reply) {
  AgentMessage message;
  wire::Issues issues;
  if (wire::read(text, message, issues) != wire::Outcome::ok) return;
  if (agents_.size() >= kMostFrames && !agents_.contains(message.frame)) return;
  Agent& agent = agents_[message.frame];
  if (agent.answer && message.id == agent.call) {
    CallResult result;
    result.text = std::move(message.text);
    result.error = std::move(message.error).value_or("");
    agent.answer->set(std::move(result));
  }
  agent.answer.reset();
  agent.context.reset(JSC_CONTEXT(g_object_ref(context)));
  agent.waiting.reset(webkit_script_message_reply_ref(reply));
}

std::vector<std::string> Frames::ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, agent] : agents_) ids.push_back(id);
  return ids;
}

OneShot<CallResult> Frames::call(const std::string& id, std::string_view function, std::string arguments) {
  OneShot<CallResult> answer;
  const auto at = agents_.find(id);
  if (at == agents_.end()) {
    CallResult gone;
    gone.error = "the frame is gone";
    answer.set(std::move(gone));
    return answer;
  }
  Agent& agent = at->second;
  if (!agent.waiting) return answer;  // still at an earlier call that nobody waits for any more
  AgentCall call;
  call.id = ++last_call_;
  call.name = function;
  call.args = std::move(arguments);
  agent.call = call.id;
  agent.answer = answer;
  JSCValue* text = jsc_value_new_string(agent.context.get(), wire::to_text(call).c_str());
  webkit_script_message_reply_return_value(agent.waiting.get(), text);
  g_object_unref(text);
  agent.waiting.reset();
  return answer;
}

}  // namespace driftstack::browser_webkit
