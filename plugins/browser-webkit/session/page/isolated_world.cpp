#include "page/isolated_world.hpp"

#include <memory>

#include "page/page_agent_source.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr const char* kCallBody = "return await globalThis.driftstack(name, args);";
// The agent is missing for a moment while a document is being replaced: the call is repeated. Half a second is far more than that takes.
constexpr int kMostAttempts = 25;
constexpr std::chrono::milliseconds kAttemptGap{20};

struct CallResult {
  std::optional<std::string> text;
  std::string error;
};

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

WebKitUserScript* make_agent_script() {
  return webkit_user_script_new_for_world(kPageAgentSource, WEBKIT_USER_CONTENT_INJECT_ALL_FRAMES,
                                          WEBKIT_USER_SCRIPT_INJECT_AT_DOCUMENT_START, kWorldName, nullptr, nullptr);
}

}  // namespace driftstack::browser_webkit
