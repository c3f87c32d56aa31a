#include "shell.hpp"

#include <cstdint>
#include <memory>

#include "surfaces.hpp"
#include "xdg-shell-server-protocol.h"

namespace driftstack::browser_webkit {
namespace {

constexpr int kShellVersion = 1;

/// State of one xdg_surface. Owned by its resource; its wl_surface may die first.
struct ShellSurface {
  ShellContext* context;
  Surface* surface;
  wl_resource* resource;
  wl_resource* toplevel = nullptr;
  bool configured = false;
  bool mapped = false;
};

ShellSurface& shell_surface_of(wl_resource* resource) { return *static_cast<ShellSurface*>(wl_resource_get_user_data(resource)); }

void destroy_request(wl_client*, wl_resource* resource) { wl_resource_destroy(resource); }

// xdg_toplevel: every wish of the client is answered by the one configuration that we have.

void ignore_resource(wl_client*, wl_resource*, wl_resource*) {}
void ignore_text(wl_client*, wl_resource*, const char*) {}
void ignore_menu(wl_client*, wl_resource*, wl_resource*, uint32_t, int32_t, int32_t) {}
void ignore_move(wl_client*, wl_resource*, wl_resource*, uint32_t) {}
void ignore_resize(wl_client*, wl_resource*, wl_resource*, uint32_t, uint32_t) {}
void ignore_size(wl_client*, wl_resource*, int32_t, int32_t) {}
void ignore_plain(wl_client*, wl_resource*) {}

const struct xdg_toplevel_interface kToplevel = {destroy_request, ignore_resource, ignore_text,  ignore_text, ignore_menu,
                                                 ignore_move,     ignore_resize,   ignore_size,  ignore_size, ignore_plain,
                                                 ignore_plain,    ignore_resource, ignore_plain, ignore_plain};

void send_configure(ShellSurface& state) {
  wl_array states;
  wl_array_init(&states);
  for (const std::uint32_t value : {XDG_TOPLEVEL_STATE_MAXIMIZED, XDG_TOPLEVEL_STATE_ACTIVATED}) {
    if (void* slot = wl_array_add(&states, sizeof value)) *static_cast<std::uint32_t*>(slot) = value;
  }
  const Screen& screen = state.context->screen;
  xdg_toplevel_send_configure(state.toplevel, screen.width, screen.height, &states);
  wl_array_release(&states);
  xdg_surface_send_configure(state.resource, wl_display_next_serial(state.context->display));
}

void on_commit(ShellSurface& state) {
  if (state.toplevel == nullptr) return;
  if (!state.configured) {
    state.configured = true;
    send_configure(state);
  } else if (!state.mapped) {
    state.mapped = true;
    state.context->output->enter(state.surface->resource());
    state.context->seat->focus(state.surface->resource());
  }
}

void on_pixels(const ShellSurface& state, const PixelView& pixels) {
  // A web process may make windows too; what is shown is that of the session's own process.
  if (state.toplevel == nullptr || !state.context->on_painted || !state.context->seat->is_owner(state.resource)) return;
  state.context->on_painted(pixels);
}

void get_toplevel(wl_client* client, wl_resource* resource, uint32_t id) {
  wl_resource* toplevel = wl_resource_create(client, &xdg_toplevel_interface, kShellVersion, id);
  if (toplevel == nullptr) return wl_client_post_no_memory(client);
  shell_surface_of(resource).toplevel = toplevel;
  wl_resource_set_implementation(toplevel, &kToplevel, &shell_surface_of(resource), [](wl_resource* gone) {
    if (void* state = wl_resource_get_user_data(gone)) static_cast<ShellSurface*>(state)->toplevel = nullptr;
  });
}

// xdg_popup

const struct xdg_popup_interface kPopup = {destroy_request, ignore_move, ignore_move};

void get_popup(wl_client* client, wl_resource*, uint32_t id, wl_resource*, wl_resource*) {
  wl_resource* popup = wl_resource_create(client, &xdg_popup_interface, kShellVersion, id);
  if (popup == nullptr) return wl_client_post_no_memory(client);
  wl_resource_set_implementation(popup, &kPopup, nullptr, nullptr);
  xdg_popup_send_popup_done(popup);
}

void ignore_geometry(wl_client*, wl_resource*, int32_t, int32_t, int32_t, int32_t) {}
void ignore_serial(wl_client*, wl_resource*, uint32_t) {}
const struct xdg_surface_interface kShellSurface = {destroy_request, get_toplevel, get_popup, ignore_geometry, ignore_serial};

void shell_surface_destroyed(wl_resource* resource) {
  const std::unique_ptr<ShellSurface> state(&shell_surface_of(resource));
  if (state->toplevel != nullptr) wl_resource_set_user_data(state->toplevel, nullptr);
  if (state->surface == nullptr) return;
  state->context->seat->forget_surface(state->surface->resource());
  state->surface->on_commit = nullptr;
  state->surface->on_pixels = nullptr;
  state->surface->on_destroy = nullptr;
}

// xdg_positioner

void ignore_number(wl_client*, wl_resource*, uint32_t) {}
const struct xdg_positioner_interface kPositioner = {destroy_request, ignore_size, ignore_geometry, ignore_number, ignore_number,
                                                     ignore_number,   ignore_size, ignore_plain,    ignore_size,   ignore_serial};

void create_positioner(wl_client* client, wl_resource*, uint32_t id) {
  wl_resource* positioner = wl_resource_create(client, &xdg_positioner_interface, kShellVersion, id);
  if (positioner == nullptr) return wl_client_post_no_memory(client);
  wl_resource_set_implementation(positioner, &kPositioner, nullptr, nullptr);
}

// xdg_wm_base

void get_shell_surface(wl_client* client, wl_resource* base, uint32_t id, wl_resource* surface) {
  wl_resource* resource = wl_resource_create(client, &xdg_surface_interface, kShellVersion, id);
  if (resource == nullptr) return wl_client_post_no_memory(client);
  auto state = std::make_unique<ShellSurface>();
  state->context = static_cast<ShellContext*>(wl_resource_get_user_data(base));
  state->surface = &Surface::of(surface);
  state->resource = resource;
  ShellSurface* raw = state.release();  // owned by the resource from here
  raw->surface->on_commit = [raw] { on_commit(*raw); };
  raw->surface->on_pixels = [raw](const PixelView& pixels) { on_pixels(*raw, pixels); };
  raw->surface->on_destroy = [raw] {
    raw->context->seat->forget_surface(raw->surface->resource());
    raw->surface = nullptr;
  };
  wl_resource_set_implementation(resource, &kShellSurface, raw, shell_surface_destroyed);
}

const struct xdg_wm_base_interface kShell = {destroy_request, create_positioner, get_shell_surface, ignore_serial};

void bind_shell(wl_client* client, void* context, uint32_t version, uint32_t id) {
  wl_resource* base = wl_resource_create(client, &xdg_wm_base_interface, static_cast<int>(version), id);
  if (base == nullptr) return wl_client_post_no_memory(client);
  wl_resource_set_implementation(base, &kShell, context, nullptr);
}

}  // namespace

void add_shell_global(wl_display* display, ShellContext& context) {
  wl_global_create(display, &xdg_wm_base_interface, kShellVersion, &context, bind_shell);
}

}  // namespace driftstack::browser_webkit
