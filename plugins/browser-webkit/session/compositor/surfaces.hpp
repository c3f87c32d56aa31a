#pragma once
// wl_compositor, wl_subcompositor, wl_surface, wl_region, and the clock that answers frame callbacks. Everything is [compositor-thread].

#include <cstdint>
#include <functional>
#include <vector>

#include <wayland-server-core.h>

#include "image/pixels.hpp"

namespace driftstack::browser_webkit {

/// Answers wl_surface.frame requests from a timer that runs only while a request is pending.
class FrameClock {
 public:
  explicit FrameClock(wl_event_loop* loop);
  ~FrameClock();
  FrameClock(const FrameClock&) = delete;
  FrameClock& operator=(const FrameClock&) = delete;

  void request(wl_resource* callback);
  void forget(wl_resource* callback);

 private:
  static int on_timer(void* self);
  void arm();
  void fire();

  wl_event_source* timer_;
  std::vector<wl_resource*> pending_;
  std::uint32_t last_fired_ms_ = 0;
};

/// A client's surface. Owned by its wl_surface resource. Pixels are read for `on_pixels` only: captures come from the engine.
class Surface {
 public:
  Surface(wl_resource* resource, FrameClock& clock);
  ~Surface();
  Surface(const Surface&) = delete;
  Surface& operator=(const Surface&) = delete;

  /// The Surface behind a wl_surface resource.
  static Surface& of(wl_resource* surface);

  wl_resource* resource() const { return resource_; }
  FrameClock& clock() const { return clock_; }
  void attach(wl_resource* buffer);
  void request_frame(wl_resource* callback) { requested_frames_.push_back(callback); }
  void forget_frame(wl_resource* callback);
  void commit();

  /// Set by the object that gives the surface its role.
  std::function<void()> on_commit;
  /// Called with what a commit brings, while it may be read.
  std::function<void(const PixelView&)> on_pixels;
  std::function<void()> on_destroy;

 private:
  struct BufferWatch {
    wl_listener listener;
    Surface* surface;
  };
  void show(wl_resource* buffer) const;
  static void on_buffer_destroyed(wl_listener* listener, void* buffer);

  wl_resource* resource_;
  FrameClock& clock_;
  wl_resource* attached_buffer_ = nullptr;
  BufferWatch buffer_watch_{};
  std::vector<wl_resource*> requested_frames_;
};

/// Adds the globals to the display. `clock` must outlive the display.
void add_surface_globals(wl_display* display, FrameClock& clock);

/// Milliseconds of the monotonic clock: the time base of every event that we send.
std::uint32_t event_time_ms();

}  // namespace driftstack::browser_webkit
