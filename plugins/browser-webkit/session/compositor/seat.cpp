#include "seat.hpp"

#include <linux/input-event-codes.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include <wayland-server-protocol.h>

#include "surfaces.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr int kSeatVersion = 5;

void release_device(wl_client*, wl_resource* resource) { wl_resource_destroy(resource); }
void forget_device(wl_resource* device) { static_cast<Seat*>(wl_resource_get_user_data(device))->forget_device(device); }

void ignore_cursor(wl_client*, wl_resource*, uint32_t, wl_resource*, int32_t, int32_t) {}
const struct wl_pointer_interface kPointer = {ignore_cursor, release_device};
const struct wl_keyboard_interface kKeyboard = {release_device};
const struct wl_touch_interface kTouch = {release_device};

wl_resource* make_device(wl_client* client, wl_resource* seat, const wl_interface* kind, const void* implementation, uint32_t id,
                         wl_resource_destroy_func_t on_destroy) {
  wl_resource* device = wl_resource_create(client, kind, wl_resource_get_version(seat), id);
  if (device == nullptr) {
    wl_client_post_no_memory(client);
    return nullptr;
  }
  wl_resource_set_implementation(device, implementation, wl_resource_get_user_data(seat), on_destroy);
  return device;
}

void get_pointer(wl_client* client, wl_resource* seat, uint32_t id) {
  if (wl_resource* device = make_device(client, seat, &wl_pointer_interface, &kPointer, id, forget_device)) {
    static_cast<Seat*>(wl_resource_get_user_data(seat))->add_pointer(device);
  }
}

void get_keyboard(wl_client* client, wl_resource* seat, uint32_t id) {
  if (wl_resource* device = make_device(client, seat, &wl_keyboard_interface, &kKeyboard, id, forget_device)) {
    static_cast<Seat*>(wl_resource_get_user_data(seat))->add_keyboard(device);
  }
}

/// Not announced as a capability; a client that asks anyway gets a silent device.
void get_touch(wl_client* client, wl_resource* seat, uint32_t id) { make_device(client, seat, &wl_touch_interface, &kTouch, id, nullptr); }

const struct wl_seat_interface kSeat = {get_pointer, get_keyboard, get_touch, release_device};

/// A sealed file that holds the keymap, as wl_keyboard.keymap wants it. -1 when memory is short.
int keymap_file(const std::string& keymap) {
  const int fd = memfd_create("keymap", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return -1;
  const auto size = static_cast<ssize_t>(keymap.size() + 1);  // the terminating zero belongs to the format
  if (write(fd, keymap.c_str(), static_cast<std::size_t>(size)) != size) {
    close(fd);
    return -1;
  }
  return fd;
}

}  // namespace

Seat::Seat(wl_display* display, std::string keymap) : display_(display), keymap_(std::move(keymap)) {
  wl_global_create(display, &wl_seat_interface, kSeatVersion, this, bind);
}

void Seat::bind(wl_client* client, void* self, uint32_t version, uint32_t id) {
  wl_resource* seat = wl_resource_create(client, &wl_seat_interface, static_cast<int>(version), id);
  if (seat == nullptr) return wl_client_post_no_memory(client);
  wl_resource_set_implementation(seat, &kSeat, self, nullptr);
  wl_seat_send_capabilities(seat, WL_SEAT_CAPABILITY_POINTER | WL_SEAT_CAPABILITY_KEYBOARD);
  if (version >= WL_SEAT_NAME_SINCE_VERSION) wl_seat_send_name(seat, "seat0");
}

void Seat::add_pointer(wl_resource* pointer) {
  if (is_owner(pointer)) pointers_.push_back(pointer);
}

void Seat::add_keyboard(wl_resource* keyboard) {
  send_keymap(keyboard);
  if (wl_resource_get_version(keyboard) >= WL_KEYBOARD_REPEAT_INFO_SINCE_VERSION) wl_keyboard_send_repeat_info(keyboard, 0, 0);
  if (!is_owner(keyboard)) return;
  keyboards_.push_back(keyboard);
  if (focus_ != nullptr) enter_keyboard(keyboard);
}

void Seat::forget_device(wl_resource* device) {
  std::erase(pointers_, device);
  std::erase(keyboards_, device);
}

void Seat::send_keymap(wl_resource* keyboard) const {
  const int fd = keymap_file(keymap_);
  if (fd < 0) return;
  wl_keyboard_send_keymap(keyboard, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1, fd, static_cast<uint32_t>(keymap_.size() + 1));
  close(fd);
}

void Seat::set_keymap(std::string keymap) {
  keymap_ = std::move(keymap);
  for (wl_resource* keyboard : keyboards_) send_keymap(keyboard);
  set_modifiers(modifiers_);
}

void Seat::enter_keyboard(wl_resource* keyboard) {
  wl_array no_keys;
  wl_array_init(&no_keys);
  wl_keyboard_send_enter(keyboard, wl_display_next_serial(display_), focus_, &no_keys);
  wl_array_release(&no_keys);
  wl_keyboard_send_modifiers(keyboard, wl_display_next_serial(display_), modifiers_, 0, 0, 0);
}

void Seat::focus(wl_resource* surface) {
  if (surface == focus_ || (surface != nullptr && !is_owner(surface))) return;
  focus_ = surface;
  pointer_inside_ = false;
  if (focus_ == nullptr) return;
  for (wl_resource* keyboard : keyboards_) enter_keyboard(keyboard);
}

void Seat::forget_surface(wl_resource* surface) {
  if (surface == focus_) focus(nullptr);
}

void Seat::move_pointer(double x, double y) {
  if (focus_ == nullptr) return;
  for (wl_resource* pointer : pointers_) {
    if (!pointer_inside_) {
      wl_pointer_send_enter(pointer, wl_display_next_serial(display_), focus_, wl_fixed_from_double(x), wl_fixed_from_double(y));
    } else {
      wl_pointer_send_motion(pointer, event_time_ms(), wl_fixed_from_double(x), wl_fixed_from_double(y));
    }
  }
  pointer_inside_ = true;
  end_pointer_frame();
}

void Seat::press_pointer(bool pressed) {
  if (!pointer_inside_) return;
  const std::uint32_t state = pressed ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED;
  for (wl_resource* pointer : pointers_) {
    wl_pointer_send_button(pointer, wl_display_next_serial(display_), event_time_ms(), BTN_LEFT, state);
  }
  end_pointer_frame();
}

void Seat::turn_wheel(double horizontal, double vertical) {
  if (!pointer_inside_) return;
  for (wl_resource* pointer : pointers_) {
    if (horizontal != 0) {
      wl_pointer_send_axis(pointer, event_time_ms(), WL_POINTER_AXIS_HORIZONTAL_SCROLL, wl_fixed_from_double(horizontal));
    }
    if (vertical != 0) wl_pointer_send_axis(pointer, event_time_ms(), WL_POINTER_AXIS_VERTICAL_SCROLL, wl_fixed_from_double(vertical));
  }
  end_pointer_frame();
}

void Seat::end_pointer_frame() const {
  for (wl_resource* pointer : pointers_) {
    if (wl_resource_get_version(pointer) >= WL_POINTER_FRAME_SINCE_VERSION) wl_pointer_send_frame(pointer);
  }
}

void Seat::key(std::uint32_t evdev_code, bool pressed) {
  if (focus_ == nullptr) return;
  const std::uint32_t state = pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED;
  for (wl_resource* keyboard : keyboards_) {
    wl_keyboard_send_key(keyboard, wl_display_next_serial(display_), event_time_ms(), evdev_code, state);
  }
}

void Seat::set_modifiers(std::uint32_t mask) {
  modifiers_ = mask;
  if (focus_ == nullptr) return;
  for (wl_resource* keyboard : keyboards_) wl_keyboard_send_modifiers(keyboard, wl_display_next_serial(display_), mask, 0, 0, 0);
}

}  // namespace driftstack::browser_webkit
