#pragma once
// Dialogs of a page. One that opens stays open until the next command, which answers or dismisses it; one that stands in the way of a
// running command is dismissed. Leaving a page is always allowed. [main-thread]

#include <webkit2/webkit2.h>

#include <memory>
#include <optional>

#include "driftstack/roles/browser_backend.hpp"

namespace driftstack::browser_webkit {

class Dialogs {
 public:
  explicit Dialogs(WebKitWebView* view);
  ~Dialogs();
  Dialogs(const Dialogs&) = delete;
  Dialogs& operator=(const Dialogs&) = delete;

  /// Answers the open dialog, else the next one.
  void answer(browser::AnswerDialog answer);

  enum class Open : std::uint8_t { keep, dismiss };
  /// A command begins; `open` says what becomes of an open dialog.
  void command_begins(Open open);
  void command_ends();

 private:
  struct DialogDeleter {
    void operator()(WebKitScriptDialog* dialog) const { webkit_script_dialog_unref(dialog); }
  };
  static gboolean on_dialog(WebKitWebView*, WebKitScriptDialog* dialog, gpointer self);
  static gboolean on_patience_over(gpointer self);
  void stop_timer();
  void close_open();

  WebKitWebView* view_;
  std::optional<browser::AnswerDialog> prepared_;
  std::unique_ptr<WebKitScriptDialog, DialogDeleter> open_;
  bool command_runs_ = false;
  guint timer_ = 0;
};

}  // namespace driftstack::browser_webkit
