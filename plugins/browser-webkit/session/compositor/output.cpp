#include "output.hpp"

#include <algorithm>

#include <wayland-server-protocol.h>

namespace driftstack::browser_webkit {
namespace {

constexpr int kOutputVersion = 2;
constexpr int kRefreshMilliHertz = 60'000;
constexpr double kMillimetresPerCssPixel = 25.4 / 96;  // CSS: 96 pixels to the inch

void release_output(wl_client*, wl_resource* resource) { wl_resource_destroy(resource); }
const struct wl_output_interface kOutput = {release_output};

}  // namespace

Output::Output(wl_display* display, const Screen& screen) : screen_(screen) {
  wl_global_create(display, &wl_output_interface, kOutputVersion, this, bind);
}

void Output::bind(wl_client* client, void* self, uint32_t version, uint32_t id) {
  wl_resource* output = wl_resource_create(client, &wl_output_interface, static_cast<int>(version), id);
  if (output == nullptr) return wl_client_post_no_memory(client);
  wl_resource_set_implementation(output, &kOutput, self,
                                 [](wl_resource* gone) { static_cast<Output*>(wl_resource_get_user_data(gone))->forget(gone); });
  auto& out = *static_cast<Output*>(self);
  out.bound_.push_back(output);
  const auto millimetres = [](int pixels) { return static_cast<int>(pixels * kMillimetresPerCssPixel); };
  wl_output_send_geometry(output, 0, 0, millimetres(out.screen_.width), millimetres(out.screen_.height), WL_OUTPUT_SUBPIXEL_NONE,
                          "Driftstack", "session", WL_OUTPUT_TRANSFORM_NORMAL);
  out.describe(output);
}

void Output::describe(wl_resource* output) const {
  const int version = wl_resource_get_version(output);
  wl_output_send_mode(output, WL_OUTPUT_MODE_CURRENT | WL_OUTPUT_MODE_PREFERRED, screen_.width * screen_.scale,
                      screen_.height * screen_.scale, kRefreshMilliHertz);
  if (version >= WL_OUTPUT_SCALE_SINCE_VERSION) wl_output_send_scale(output, screen_.scale);
  if (version >= WL_OUTPUT_DONE_SINCE_VERSION) wl_output_send_done(output);
}

void Output::set_scale(int scale) {
  screen_.scale = scale;
  for (wl_resource* output : bound_) describe(output);
}

void Output::enter(wl_resource* surface) const {
  for (wl_resource* output : bound_) {
    if (wl_resource_get_client(output) == wl_resource_get_client(surface)) wl_surface_send_enter(surface, output);
  }
}

void Output::forget(wl_resource* output) { std::erase(bound_, output); }

}  // namespace driftstack::browser_webkit
