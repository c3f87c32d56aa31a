#pragma once
// What a page lets a person choose from: option menus and files. Nobody is there to choose, so both are closed, unless an action announced
// its choice. [main-thread]

#include <webkit2/webkit2.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"

namespace driftstack::browser_webkit {

class Choosers {
 public:
  struct MenuDeleter {
    void operator()(WebKitOptionMenu* menu) const { g_object_unref(menu); }
  };
  using Menu = std::unique_ptr<WebKitOptionMenu, MenuDeleter>;
  enum class Taken : std::uint8_t { all, field_takes_one };

  explicit Choosers(WebKitWebView* view);
  ~Choosers();
  Choosers(const Choosers&) = delete;
  Choosers& operator=(const Choosers&) = delete;

  /// The next option menu is the caller's, who must close it.
  OneShot<Menu> expect_menu();
  /// The next file chooser gets these files.
  OneShot<Taken> expect_files(std::vector<std::string> paths);
  void stop_expecting();

 private:
  struct Files {
    std::vector<std::string> paths;
    OneShot<Taken> taken;
  };
  static gboolean on_menu(WebKitWebView*, WebKitOptionMenu* menu, GdkEvent*, GdkRectangle*, gpointer self);
  static gboolean on_files(WebKitWebView*, WebKitFileChooserRequest* request, gpointer self);

  WebKitWebView* view_;
  std::optional<OneShot<Menu>> menu_;
  std::optional<Files> files_;
};

}  // namespace driftstack::browser_webkit
