#pragma once
// The one view of a session with everything that watches it. [main-thread]

#include <webkit2/webkit2.h>

#include <functional>
#include <memory>
#include <string>

#include "page/choosers.hpp"
#include "page/dialogs.hpp"
#include "page/input_acks.hpp"
#include "page/isolated_world.hpp"
#include "page/load_tracker.hpp"
#include "page/page_policy.hpp"
#include "protocol/messages.hpp"

namespace driftstack::browser_webkit {

class Page {
 public:
  /// `directory` holds everything that the engine writes; private to this session. `on_gone` is called when the web process ended.
  /// With the page the engine's processes end too.
  Page(const protocol::Start& settings, const std::string& directory, std::function<void(std::string)> on_gone);
  ~Page();
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  /// Makes the page usable: engine processes running, the window as large as `settings` says.
  Work<> prepare(Command& command);
  /// Leaves the document, so that it can say its last words. One that does not answer is left behind.
  Task<> leave(Command& command);

  WebKitWebView* view() const { return view_; }
  WebKitUserContentManager* content() const { return content_; }
  IsolatedWorld& world() { return *world_; }
  LoadTracker& loads() { return *loads_; }
  PagePolicy& policy() { return *policy_; }
  Dialogs& dialogs() { return *dialogs_; }
  Choosers& choosers() { return *choosers_; }
  InputAcks& acks() { return acks_; }
  int width() const { return settings_.width; }
  int height() const { return settings_.height; }
  const std::string& directory() const { return directory_; }

 private:
  static void on_agent_message(WebKitUserContentManager*, WebKitJavascriptResult* message, gpointer self);
  static gboolean on_frame_message(WebKitUserContentManager*, JSCValue* message, WebKitScriptMessageReply* reply, gpointer self);
  static void on_load_changed(WebKitWebView*, WebKitLoadEvent event, gpointer self);
  static void on_terminated(WebKitWebView*, WebKitWebProcessTerminationReason reason, gpointer self);
  WebKitWebContext* make_context() const;
  WebKitSettings* make_settings() const;

  protocol::Start settings_;
  std::string directory_;
  std::function<void(std::string)> on_gone_;
  WebKitUserContentManager* content_ = nullptr;
  GtkWidget* window_ = nullptr;
  WebKitWebView* view_ = nullptr;  // owned by the window
  std::unique_ptr<IsolatedWorld> world_;
  std::unique_ptr<LoadTracker> loads_;
  std::unique_ptr<PagePolicy> policy_;
  std::unique_ptr<Dialogs> dialogs_;
  std::unique_ptr<Choosers> choosers_;
  InputAcks acks_;
};

}  // namespace driftstack::browser_webkit
