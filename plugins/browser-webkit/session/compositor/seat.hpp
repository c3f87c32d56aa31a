#pragma once
// wl_seat with a pointer and a keyboard. Events go to one client only, the session's own process: sending focus to a resource of another
// client (the web process connects too) would end that connection, and a web process has no business with input. [compositor-thread]

#include <cstdint>
#include <string>
#include <vector>

#include <wayland-server-core.h>

namespace driftstack::browser_webkit {

class Seat {
 public:
  Seat(wl_display* display, std::string keymap);
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  /// The client that gets input; set before any client runs.
  void set_owner(wl_client* client) { owner_ = client; }

  /// Gives the keyboard and the pointer to the surface of the owner's window; null takes them away.
  void focus(wl_resource* surface);
  /// Takes the focus away from a surface that is being destroyed.
  void forget_surface(wl_resource* surface);

  void move_pointer(double x, double y);
  void press_pointer(bool pressed);
  void turn_wheel(double horizontal, double vertical);
  void key(std::uint32_t evdev_code, bool pressed);
  void set_modifiers(std::uint32_t mask);
  void set_keymap(std::string keymap);

  /// Whether an object belongs to the client that gets input.
  bool is_owner(wl_resource* resource) const { return wl_resource_get_client(resource) == owner_; }

  // Called by the protocol objects.
  void add_pointer(wl_resource* pointer);
  void add_keyboard(wl_resource* keyboard);
  void forget_device(wl_resource* device);

 private:
  static void bind(wl_client* client, void* self, uint32_t version, uint32_t id);
  void send_keymap(wl_resource* keyboard) const;
  void enter_keyboard(wl_resource* keyboard);
  void end_pointer_frame() const;

  wl_display* display_;
  wl_client* owner_ = nullptr;
  std::string keymap_;
  wl_resource* focus_ = nullptr;
  bool pointer_inside_ = false;
  std::uint32_t modifiers_ = 0;
  std::vector<wl_resource*> pointers_;
  std::vector<wl_resource*> keyboards_;
};

}  // namespace driftstack::browser_webkit
