#pragma once
// The Wayland display of one session: an own small compositor in its own thread, so that a session needs no display server and its input
// is real engine input.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "image/pixels.hpp"

namespace driftstack::browser_webkit {

/// What the engine sees as its screen. Sizes in CSS pixels; `scale` is device pixels per CSS pixel (whole numbers only: wl_output.scale).
struct Screen {
  int width = 1280;
  int height = 800;
  int scale = 1;
};

enum class KeyState : std::uint8_t { released, pressed };

/// Facade of the compositor thread. Every method is [main-thread], returns at once and takes effect in the order of the calls.
class Compositor {
 public:
  /// Starts the thread. `socket_name` is the name of the listening socket in XDG_RUNTIME_DIR (the engine's web process connects to it).
  /// `keymap` is an XKB keymap in text form. Null when the display cannot be made.
  static std::unique_ptr<Compositor> start(const Screen& screen, const std::string& socket_name, const std::string& keymap);
  ~Compositor();
  Compositor(const Compositor&) = delete;
  Compositor& operator=(const Compositor&) = delete;

  /// The client end of a connected pair for this process (`WAYLAND_SOCKET`). The caller owns it. Only this client gets input.
  int take_client_socket() noexcept;

  /// Pointer position in CSS pixels of the window.
  void move_pointer(double x, double y);
  /// The main (left) button.
  void press_pointer(KeyState state);
  /// Wheel distance in wl_pointer axis units.
  void turn_wheel(double horizontal, double vertical);
  /// Evdev key code (linux/input-event-codes.h).
  void key(std::uint32_t evdev_code, KeyState state);
  /// Depressed modifiers as an XKB mask.
  void set_modifiers(std::uint32_t mask);
  /// Changes the device scale of the screen; its size in CSS pixels stays.
  void set_scale(int scale);
  /// From now on `on_painted` gets what the window shows whenever it changes, on the compositor's thread; null ends that.
  void watch(std::function<void(const PixelView&)> on_painted);
  /// Replaces the keymap of the seat.
  void set_keymap(const std::string& keymap);

 private:
  class Thread;
  explicit Compositor(std::unique_ptr<Thread> thread, int client_socket);
  std::unique_ptr<Thread> thread_;
  int client_socket_;
};

}  // namespace driftstack::browser_webkit
