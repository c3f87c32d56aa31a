#include "page/choosers.hpp"

#include <utility>

namespace driftstack::browser_webkit {

Choosers::Choosers(WebKitWebView* view) : view_(view) {
  g_signal_connect(view, "show-option-menu", G_CALLBACK(on_menu), this);
  g_signal_connect(view, "run-file-chooser", G_CALLBACK(on_files), this);
}

Choosers::~Choosers() { g_signal_handlers_disconnect_by_data(view_, this); }

OneShot<Choosers::Menu> Choosers::expect_menu() { return menu_.emplace(); }

OneShot<Choosers::Taken> Choosers::expect_files(std::vector<std::string> paths) {
  files_.emplace();
  files_->paths = std::move(paths);
  return files_->taken;
}

void Choosers::stop_expecting() {
  menu_.reset();
  files_.reset();
}

gboolean Choosers::on_menu(WebKitWebView*, WebKitOptionMenu* menu, GdkEvent*, GdkRectangle*, gpointer data) {
  auto& self = *static_cast<Choosers*>(data);
  g_object_ref(menu);
  if (self.menu_) {
    const OneShot<Menu> expected = *std::exchange(self.menu_, std::nullopt);
    expected.set(Menu(menu));
    return TRUE;
  }
  // The engine holds on to the menu until it is told that it was closed; it must have been shown for that, so not from inside the signal.
  g_idle_add(
      [](gpointer held) -> gboolean {
        webkit_option_menu_close(WEBKIT_OPTION_MENU(held));
        g_object_unref(held);
        return G_SOURCE_REMOVE;
      },
      menu);
  return TRUE;
}

gboolean Choosers::on_files(WebKitWebView*, WebKitFileChooserRequest* request, gpointer data) {
  auto& self = *static_cast<Choosers*>(data);
  if (!self.files_) {
    webkit_file_chooser_request_cancel(request);
    return TRUE;
  }
  const Files files = *std::exchange(self.files_, std::nullopt);
  if (files.paths.size() > 1 && !webkit_file_chooser_request_get_select_multiple(request)) {
    webkit_file_chooser_request_cancel(request);
    files.taken.set(Taken::field_takes_one);
    return TRUE;
  }
  std::vector<const char*> paths;
  for (const std::string& path : files.paths) paths.push_back(path.c_str());
  paths.push_back(nullptr);
  webkit_file_chooser_request_select_files(request, paths.data());
  files.taken.set(Taken::all);
  return TRUE;
}

}  // namespace driftstack::browser_webkit
