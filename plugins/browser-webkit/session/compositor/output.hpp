#pragma once
// wl_output: the one screen of a session. [compositor-thread]

#include <vector>

#include <wayland-server-core.h>

#include "compositor.hpp"

namespace driftstack::browser_webkit {

class Output {
 public:
  Output(wl_display* display, const Screen& screen);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// Tells the surface's client that it is shown here: that is how it learns the device scale.
  void enter(wl_resource* surface) const;
  void forget(wl_resource* output);
  /// Tells every client of a new device scale; the size in CSS pixels stays.
  void set_scale(int scale);

 private:
  static void bind(wl_client* client, void* self, uint32_t version, uint32_t id);
  void describe(wl_resource* output) const;

  Screen screen_;
  std::vector<wl_resource*> bound_;
};

}  // namespace driftstack::browser_webkit
