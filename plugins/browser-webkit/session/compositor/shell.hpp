#pragma once
// xdg_wm_base: one kind of window, always active and as large as the screen. Popups are dismissed at once: the page's own menus are
// handled by the session (see page/page_policy.hpp), and nobody looks at tooltips. [compositor-thread]

#include <wayland-server-core.h>

#include "compositor.hpp"
#include "output.hpp"
#include "seat.hpp"

namespace driftstack::browser_webkit {

/// What the shell's objects need to know. Lives as long as the display.
struct ShellContext {
  wl_display* display;
  Screen screen;
  Seat* seat;
  Output* output;
};

void add_shell_global(wl_display* display, ShellContext& context);

}  // namespace driftstack::browser_webkit
