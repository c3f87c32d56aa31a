#pragma once
// xdg_wm_base: one kind of window, always active and as large as the screen. Popups are dismissed at once: the page's own menus are
// handled by the session (see page/page_policy.hpp), and nobody looks at tooltips. [compositor-thread]

#include <functional>

#include <wayland-server-core.h>

#include "compositor.hpp"
#include "image/pixels.hpp"
#include "output.hpp"
#include "seat.hpp"

namespace driftstack::browser_webkit {

/// What the shell's objects need to know. Lives as long as the display.
struct ShellContext {
  wl_display* display;
  Screen screen;
  Seat* seat;
  Output* output;
  /// Told what the window shows whenever it changes; may be null. Replaced while the display runs.
  std::function<void(const PixelView&)> on_painted;
};

void add_shell_global(wl_display* display, ShellContext& context);

}  // namespace driftstack::browser_webkit
