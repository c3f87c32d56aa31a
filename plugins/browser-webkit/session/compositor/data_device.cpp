#include "data_device.hpp"

#include <wayland-server-protocol.h>

namespace driftstack::browser_webkit {
namespace {

constexpr int kDataDeviceVersion = 3;

void destroy_request(wl_client*, wl_resource* resource) { wl_resource_destroy(resource); }

const struct wl_data_source_interface kSource = {[](wl_client*, wl_resource*, const char*) {}, destroy_request,
                                                 [](wl_client*, wl_resource*, uint32_t) {}};

/// A drag ends where it began: the source is told so, otherwise its client would wait with the pointer grabbed.
void start_drag(wl_client*, wl_resource*, wl_resource* source, wl_resource*, wl_resource*, uint32_t) {
  if (source != nullptr) wl_data_source_send_cancelled(source);
}

const struct wl_data_device_interface kDevice = {start_drag, [](wl_client*, wl_resource*, wl_resource*, uint32_t) {}, destroy_request};

void create_source(wl_client* client, wl_resource* manager, uint32_t id) {
  wl_resource* source = wl_resource_create(client, &wl_data_source_interface, wl_resource_get_version(manager), id);
  if (source == nullptr) return wl_client_post_no_memory(client);
  wl_resource_set_implementation(source, &kSource, nullptr, nullptr);
}

void get_device(wl_client* client, wl_resource* manager, uint32_t id, wl_resource*) {
  wl_resource* device = wl_resource_create(client, &wl_data_device_interface, wl_resource_get_version(manager), id);
  if (device == nullptr) return wl_client_post_no_memory(client);
  wl_resource_set_implementation(device, &kDevice, nullptr, nullptr);
}

const struct wl_data_device_manager_interface kManager = {create_source, get_device};

void bind(wl_client* client, void*, uint32_t version, uint32_t id) {
  wl_resource* manager = wl_resource_create(client, &wl_data_device_manager_interface, static_cast<int>(version), id);
  if (manager == nullptr) return wl_client_post_no_memory(client);
  wl_resource_set_implementation(manager, &kManager, nullptr, nullptr);
}

}  // namespace

void add_data_device_global(wl_display* display) {
  wl_global_create(display, &wl_data_device_manager_interface, kDataDeviceVersion, nullptr, bind);
}

}  // namespace driftstack::browser_webkit
