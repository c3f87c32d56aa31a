#include "page/isolated_world.hpp"

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "page/page_agent_source.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr const char* kCallBody = "return await globalThis.driftstack(name, args);";
// The agent is missing for a moment while a document is being replaced: the call is repeated. Half a second is far more than that takes.
constexpr int kMostAttempts = 25;
constexpr std::chrono::milliseconds kAttemptGap{20};

struct MatchQuestion {
  browser::FrameMatch match;
  static constexpr auto shape = wire::object(wire::field<&MatchQuestion::match>("match"));
};

/// What a frame says of itself: whether its address fits, and its place in the lists of the frames around it, outermost first.
struct FrameFacts {
  bool matches = false;
  std::vector<std::int32_t> path;
  static constexpr auto shape = wire::object(wire::field<&FrameFacts::matches>("matches"), wire::field<&FrameFacts::path>("path"));
};

using FramesByPath = std::map<std::vector<std::int32_t>, std::string>;

/// Nothing when a frame around it does not answer.
std::optional<Frame> make_frame(const FramesByPath& all, std::vector<std::int32_t> path) {
  Frame frame;
  frame.id = all.at(path);
  while (!path.empty()) {
    Frame::Step step;
    step.index = path.back();
    path.pop_back();
    const auto around = all.find(path);
    if (around == all.end()) return std::nullopt;
    step.id = around->second;
    frame.outwards.push_back(std::move(step));
  }
  return frame;
}

void on_called(GObject* view, GAsyncResult* result, gpointer data) {
  const std::unique_ptr<OneShot<CallResult>> answer(static_cast<OneShot<CallResult>*>(data));
  GError* error = nullptr;
  JSCValue* value = webkit_web_view_call_async_javascript_function_finish(WEBKIT_WEB_VIEW(view), result, &error);
  CallResult called;
  if (value == nullptr) {
    called.error = error->message;
    g_error_free(error);
  } else {
    GBytes* bytes = jsc_value_to_string_as_bytes(value);
    gsize size = 0;
    const auto* text = static_cast<const char*>(g_bytes_get_data(bytes, &size));
    called.text.emplace(text, size);
    g_bytes_unref(bytes);
    g_object_unref(value);
  }
  answer->set(std::move(called));
}

void begin_call(WebKitWebView* view, std::string_view function, const std::string& arguments, const OneShot<CallResult>& answer) {
  GVariantDict dictionary;
  g_variant_dict_init(&dictionary, nullptr);
  g_variant_dict_insert(&dictionary, "name", "s", std::string(function).c_str());
  g_variant_dict_insert(&dictionary, "args", "s", arguments.c_str());
  auto pending = std::make_unique<OneShot<CallResult>>(answer);  // on the heap: a hung page may answer after everybody left
  webkit_web_view_call_async_javascript_function(view, kCallBody, -1, g_variant_dict_end(&dictionary), kWorldName, nullptr, nullptr,
                                                 on_called, pending.release());
}

}  // namespace

Work<std::string> IsolatedWorld::call_for_text(Command& command, std::string_view function, std::string arguments, Deadline until) {
  std::string error;
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    const OneShot<CallResult> answer;
    begin_call(view_, function, arguments, answer);
    std::optional<CallResult> called = co_await answer.wait(command, until);
    if (!called) co_return command.gave_up("the page does not answer");
    if (called->text) co_return std::move(*called->text);
    error = std::move(called->error);
    if (!co_await pause(command, kAttemptGap)) break;
  }
  co_return failure(FailureCode::internal, std::move(error));
}

Work<std::string> IsolatedWorld::call_in_for_text(std::string frame, Command& command, std::string_view function, std::string arguments,
                                                  Deadline until) {
  if (frame.empty()) co_return co_await call_for_text(command, function, std::move(arguments), until);
  const OneShot<CallResult> answer = frames_.call(frame, function, std::move(arguments));
  std::optional<CallResult> called = co_await answer.wait(command, until);
  if (!called) co_return command.gave_up("the page does not answer");
  if (called->text) co_return std::move(*called->text);
  co_return failure(FailureCode::internal, std::move(called->error));
}

Work<std::optional<Frame>> IsolatedWorld::find_frame(Command& command, browser::FrameMatch match) {
  MatchQuestion question;
  question.match = std::move(match);
  const std::string arguments = wire::to_text(question);
  std::vector<std::pair<std::string, OneShot<CallResult>>> asked;
  for (const std::string& id : frames_.ids()) asked.emplace_back(id, frames_.call(id, "frameFacts", arguments));
  Outcome<FrameFacts> top = co_await call<FrameFacts>(command, "frameFacts", question, command.deadline());
  if (!top) co_return std::move(top.failure());
  // All frames of a page share one thread and one connection: whoever has not answered before the top document did is gone.
  FramesByPath all{{{}, std::string()}};
  std::vector<std::vector<std::int32_t>> fitting;
  if (top->matches) fitting.emplace_back();
  for (const auto& [id, answer] : asked) {
    if (!answer.is_set()) {
      frames_.forget(id);
      continue;
    }
    const std::optional<CallResult> called = co_await answer.wait(command);
    Outcome<FrameFacts> facts = read_reply<FrameFacts>(called && called->text ? *called->text : std::string());
    if (!facts) continue;
    all[facts->path] = id;
    if (facts->matches) fitting.push_back(facts->path);
  }
  if (fitting.size() > 1) {
    co_return failure(FailureCode::conflict, std::to_string(fitting.size()) + " frames fit frame_match; it must be exactly one");
  }
  if (fitting.empty()) co_return std::optional<Frame>();
  std::optional<Frame> frame = make_frame(all, fitting.front());
  if (!frame) co_return failure(FailureCode::conflict, "the frame that fits frame_match lies in one that cannot be reached");
  co_return frame;
}

Work<Frame> frame_for(IsolatedWorld& world, Command& command, std::optional<browser::FrameMatch> match) {
  if (!match) co_return Frame();
  Outcome<std::optional<Frame>> found = co_await world.find_frame(command, std::move(*match));
  if (!found) co_return std::move(found.failure());
  if (!*found) co_return failure(FailureCode::conflict, "no frame fits frame_match");
  co_return std::move(**found);
}

WebKitUserScript* make_agent_script() {
  return webkit_user_script_new_for_world(kPageAgentSource, WEBKIT_USER_CONTENT_INJECT_ALL_FRAMES,
                                          WEBKIT_USER_SCRIPT_INJECT_AT_DOCUMENT_START, kWorldName, nullptr, nullptr);
}

}  // namespace driftstack::browser_webkit
