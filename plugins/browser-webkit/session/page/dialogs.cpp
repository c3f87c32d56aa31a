#include "page/dialogs.hpp"

#include <utility>

namespace driftstack::browser_webkit {
namespace {

// A command that opened the dialog as its last effect ends within this time; any other would wait for the dialog.
constexpr guint kPatienceMs = 30;

void give(WebKitScriptDialog* dialog, const browser::AnswerDialog& answer) {
  switch (webkit_script_dialog_get_dialog_type(dialog)) {
    case WEBKIT_SCRIPT_DIALOG_ALERT:
      return;
    case WEBKIT_SCRIPT_DIALOG_CONFIRM:
    case WEBKIT_SCRIPT_DIALOG_BEFORE_UNLOAD_CONFIRM:
      return webkit_script_dialog_confirm_set_confirmed(dialog, answer.accept);
    case WEBKIT_SCRIPT_DIALOG_PROMPT:
      break;
  }
  if (!answer.accept) return;  // without a text the engine answers null
  const char* proposed = webkit_script_dialog_prompt_get_default_text(dialog);
  const std::string text = answer.text.value_or(proposed == nullptr ? "" : proposed);
  webkit_script_dialog_prompt_set_text(dialog, text.c_str());
}

}  // namespace

Dialogs::Dialogs(WebKitWebView* view) : view_(view) { g_signal_connect(view, "script-dialog", G_CALLBACK(on_dialog), this); }

Dialogs::~Dialogs() {
  stop_timer();
  g_signal_handlers_disconnect_by_data(view_, this);
}

gboolean Dialogs::on_dialog(WebKitWebView*, WebKitScriptDialog* dialog, gpointer data) {
  auto& self = *static_cast<Dialogs*>(data);
  if (webkit_script_dialog_get_dialog_type(dialog) == WEBKIT_SCRIPT_DIALOG_BEFORE_UNLOAD_CONFIRM) {
    webkit_script_dialog_confirm_set_confirmed(dialog, TRUE);
    return TRUE;
  }
  if (self.prepared_) {
    give(dialog, *std::exchange(self.prepared_, std::nullopt));
    return TRUE;
  }
  self.open_.reset(webkit_script_dialog_ref(dialog));
  if (self.command_runs_) self.timer_ = g_timeout_add(kPatienceMs, on_patience_over, data);
  return TRUE;
}

gboolean Dialogs::on_patience_over(gpointer data) {
  auto& self = *static_cast<Dialogs*>(data);
  self.timer_ = 0;
  self.close_open();
  return G_SOURCE_REMOVE;
}

void Dialogs::stop_timer() {
  if (timer_ != 0) g_source_remove(std::exchange(timer_, 0));
}

void Dialogs::close_open() {
  // Let go first: closing runs the page on, which may open the next one.
  if (const auto dialog = std::move(open_)) webkit_script_dialog_close(dialog.get());
}

void Dialogs::answer(browser::AnswerDialog answer) {
  if (!open_) {
    prepared_ = std::move(answer);
    return;
  }
  give(open_.get(), answer);
  close_open();
}

void Dialogs::command_begins(Open open) {
  command_runs_ = true;
  if (open == Open::dismiss) close_open();
}

void Dialogs::command_ends() {
  command_runs_ = false;
  stop_timer();
}

}  // namespace driftstack::browser_webkit
