#include "surfaces.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>

#include <wayland-server-protocol.h>

namespace driftstack::browser_webkit {
namespace {

constexpr int kCompositorVersion = 4;
constexpr int kSubcompositorVersion = 1;
constexpr std::uint32_t kFrameIntervalMs = 16;  // 60 Hz, the rate that the engine assumes for a screen without a display controller

void destroy_request(wl_client*, wl_resource* resource) { wl_resource_destroy(resource); }

/// What a wl_callback needs in order to leave the lists that hold it when its client goes away.
struct FrameCallback {
  FrameClock* clock;
  wl_resource* surface;  // null once committed
};

void forget_callback(wl_resource* callback) {
  const std::unique_ptr<FrameCallback> state(static_cast<FrameCallback*>(wl_resource_get_user_data(callback)));
  state->clock->forget(callback);
  if (state->surface != nullptr) Surface::of(state->surface).forget_frame(callback);
}

// wl_region: nothing here depends on input or opaque regions.

void ignore_rectangle(wl_client*, wl_resource*, int32_t, int32_t, int32_t, int32_t) {}
const struct wl_region_interface kRegion = {destroy_request, ignore_rectangle, ignore_rectangle};

// wl_surface

void attach(wl_client*, wl_resource* surface, wl_resource* buffer, int32_t, int32_t) { Surface::of(surface).attach(buffer); }
void frame(wl_client* client, wl_resource* surface, uint32_t id);
void ignore_region(wl_client*, wl_resource*, wl_resource*) {}
void commit(wl_client*, wl_resource* surface) { Surface::of(surface).commit(); }
void ignore_value(wl_client*, wl_resource*, int32_t) {}

const struct wl_surface_interface kSurface = {destroy_request,
                                              attach,
                                              ignore_rectangle,
                                              frame,
                                              ignore_region,
                                              ignore_region,
                                              commit,
                                              ignore_value,
                                              ignore_value,
                                              ignore_rectangle,
                                              [](wl_client*, wl_resource*, int32_t, int32_t) {}};

void surface_destroyed(wl_resource* resource) {
  const std::unique_ptr<Surface> surface(static_cast<Surface*>(wl_resource_get_user_data(resource)));
  if (surface->on_destroy) surface->on_destroy();
}

// wl_compositor

void create_surface(wl_client* client, wl_resource* compositor, uint32_t id) {
  wl_resource* resource = wl_resource_create(client, &wl_surface_interface, wl_resource_get_version(compositor), id);
  if (resource == nullptr) return wl_client_post_no_memory(client);
  auto surface = std::make_unique<Surface>(resource, *static_cast<FrameClock*>(wl_resource_get_user_data(compositor)));
  wl_resource_set_implementation(resource, &kSurface, surface.release(), surface_destroyed);
}

void create_region(wl_client* client, wl_resource* compositor, uint32_t id) {
  wl_resource* resource = wl_resource_create(client, &wl_region_interface, wl_resource_get_version(compositor), id);
  if (resource == nullptr) return wl_client_post_no_memory(client);
  wl_resource_set_implementation(resource, &kRegion, nullptr, nullptr);
}

const struct wl_compositor_interface kCompositor = {create_surface, create_region};

void bind_compositor(wl_client* client, void* clock, uint32_t version, uint32_t id) {
  wl_resource* resource = wl_resource_create(client, &wl_compositor_interface, static_cast<int>(version), id);
  if (resource == nullptr) return wl_client_post_no_memory(client);
  wl_resource_set_implementation(resource, &kCompositor, clock, nullptr);
}

// wl_subcompositor: subsurfaces keep their own frame callbacks; their placement does not matter without a picture.

void ignore_place(wl_client*, wl_resource*, wl_resource*) {}
void ignore_mode(wl_client*, wl_resource*) {}
const struct wl_subsurface_interface kSubsurface = {
    destroy_request, [](wl_client*, wl_resource*, int32_t, int32_t) {}, ignore_place, ignore_place, ignore_mode, ignore_mode};

void get_subsurface(wl_client* client, wl_resource*, uint32_t id, wl_resource*, wl_resource*) {
  wl_resource* resource = wl_resource_create(client, &wl_subsurface_interface, kSubcompositorVersion, id);
  if (resource == nullptr) return wl_client_post_no_memory(client);
  wl_resource_set_implementation(resource, &kSubsurface, nullptr, nullptr);
}

const struct wl_subcompositor_interface kSubcompositor = {destroy_request, get_subsurface};

void bind_subcompositor(wl_client* client, void*, uint32_t version, uint32_t id) {
  wl_resource* resource = wl_resource_create(client, &wl_subcompositor_interface, static_cast<int>(version), id);
  if (resource == nullptr) return wl_client_post_no_memory(client);
  wl_resource_set_implementation(resource, &kSubcompositor, nullptr, nullptr);
}

void frame(wl_client* client, wl_resource* surface, uint32_t id) {
  wl_resource* callback = wl_resource_create(client, &wl_callback_interface, 1, id);
  if (callback == nullptr) return wl_client_post_no_memory(client);
  auto state = std::make_unique<FrameCallback>();
  state->clock = &Surface::of(surface).clock();
  state->surface = surface;
  wl_resource_set_implementation(callback, nullptr, state.release(), forget_callback);
  Surface::of(surface).request_frame(callback);
}

}  // namespace

std::uint32_t event_time_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

// FrameClock

FrameClock::FrameClock(wl_event_loop* loop) : timer_(wl_event_loop_add_timer(loop, on_timer, this)) {}
FrameClock::~FrameClock() { wl_event_source_remove(timer_); }

void FrameClock::request(wl_resource* callback) {
  static_cast<FrameCallback*>(wl_resource_get_user_data(callback))->surface = nullptr;
  pending_.push_back(callback);
  if (pending_.size() == 1) arm();
}

void FrameClock::forget(wl_resource* callback) { std::erase(pending_, callback); }

void FrameClock::arm() {
  const std::uint32_t since_last = event_time_ms() - last_fired_ms_;
  const std::uint32_t wait = since_last >= kFrameIntervalMs ? 1 : kFrameIntervalMs - since_last;  // 0 would disarm the timer
  wl_event_source_timer_update(timer_, static_cast<int>(wait));
}

int FrameClock::on_timer(void* self) {
  static_cast<FrameClock*>(self)->fire();
  return 0;
}

void FrameClock::fire() {
  last_fired_ms_ = event_time_ms();
  std::vector<wl_resource*> due;
  due.swap(pending_);
  for (wl_resource* callback : due) {
    wl_callback_send_done(callback, last_fired_ms_);
    wl_resource_destroy(callback);
  }
}

// Surface

Surface::Surface(wl_resource* resource, FrameClock& clock) : resource_(resource), clock_(clock) {
  buffer_watch_.surface = this;
  buffer_watch_.listener.notify = on_buffer_destroyed;
}

Surface::~Surface() {
  attach(nullptr);
  for (wl_resource* callback : requested_frames_) {
    static_cast<FrameCallback*>(wl_resource_get_user_data(callback))->surface = nullptr;
  }
}

Surface& Surface::of(wl_resource* surface) { return *static_cast<Surface*>(wl_resource_get_user_data(surface)); }

void Surface::attach(wl_resource* buffer) {
  if (attached_buffer_ != nullptr) wl_list_remove(&buffer_watch_.listener.link);
  attached_buffer_ = buffer;
  if (buffer != nullptr) wl_resource_add_destroy_listener(buffer, &buffer_watch_.listener);
}

void Surface::on_buffer_destroyed(wl_listener* listener, void*) {
  // A standard-layout struct whose first member is the listener: the usual way to get from one to the other.
  static_assert(offsetof(BufferWatch, listener) == 0);
  Surface* surface = reinterpret_cast<BufferWatch*>(listener)->surface;
  surface->attached_buffer_ = nullptr;
}

void Surface::forget_frame(wl_resource* callback) { std::erase(requested_frames_, callback); }

/// Reading stops a client that takes its memory away meanwhile, not us (wl_shm_buffer_begin_access).
void Surface::show(wl_resource* buffer) const {
  wl_shm_buffer* memory = wl_shm_buffer_get(buffer);
  if (memory == nullptr) return;
  const std::uint32_t format = wl_shm_buffer_get_format(memory);
  if (format != WL_SHM_FORMAT_ARGB8888 && format != WL_SHM_FORMAT_XRGB8888) return;
  wl_shm_buffer_begin_access(memory);
  PixelView pixels;
  pixels.data = static_cast<const std::uint8_t*>(wl_shm_buffer_get_data(memory));
  pixels.width = wl_shm_buffer_get_width(memory);
  pixels.height = wl_shm_buffer_get_height(memory);
  pixels.stride = static_cast<std::size_t>(wl_shm_buffer_get_stride(memory));
  on_pixels(pixels);
  wl_shm_buffer_end_access(memory);
}

void Surface::commit() {
  if (attached_buffer_ != nullptr) {
    if (on_pixels) show(attached_buffer_);
    wl_buffer_send_release(attached_buffer_);
    attach(nullptr);
  }
  for (wl_resource* callback : requested_frames_) clock_.request(callback);
  requested_frames_.clear();
  if (on_commit) on_commit();
}

void add_surface_globals(wl_display* display, FrameClock& clock) {
  wl_global_create(display, &wl_compositor_interface, kCompositorVersion, &clock, bind_compositor);
  wl_global_create(display, &wl_subcompositor_interface, kSubcompositorVersion, nullptr, bind_subcompositor);
}

}  // namespace driftstack::browser_webkit
