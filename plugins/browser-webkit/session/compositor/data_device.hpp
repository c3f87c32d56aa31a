#pragma once
// wl_data_device_manager: toolkits insist on it. There is no clipboard to share and nothing to drag to, so its objects do nothing.

#include <wayland-server-core.h>

namespace driftstack::browser_webkit {

/// [compositor-thread]
void add_data_device_global(wl_display* display);

}  // namespace driftstack::browser_webkit
