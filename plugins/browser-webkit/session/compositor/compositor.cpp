#include "compositor.hpp"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <wayland-server-core.h>

#include "data_device.hpp"
#include "output.hpp"
#include "seat.hpp"
#include "shell.hpp"
#include "surfaces.hpp"

namespace driftstack::browser_webkit {

namespace {
struct DisplayDeleter {
  void operator()(wl_display* display) const { wl_display_destroy(display); }
};
}  // namespace

/// The display, its objects, its thread, and the mailbox through which the main thread reaches them.
class Compositor::Thread {
 public:
  Thread(wl_display* display, const Screen& screen, const std::string& keymap, int wake_fd)
      : display_(display),
        wake_fd_(wake_fd),
        clock_(wl_display_get_event_loop(display)),
        seat_(display, keymap),
        output_(display, screen),
        shell_{display, screen, &seat_, &output_, nullptr} {
    wl_display_init_shm(display);
    add_surface_globals(display, clock_);
    add_data_device_global(display);
    add_shell_global(display, shell_);
    wake_source_ = wl_event_loop_add_fd(wl_display_get_event_loop(display), wake_fd_, WL_EVENT_READABLE, on_wake, this);
  }

  ~Thread() {
    if (thread_.joinable()) {
      post([this] { wl_display_terminate(display_.get()); });
      thread_.join();
    }
    wl_display_destroy_clients(display_.get());  // their objects refer to the clock and the seat
    wl_event_source_remove(wake_source_);
    close(wake_fd_);
  }

  void run() {
    thread_ = std::thread([this] { wl_display_run(display_.get()); });
  }

  void post(std::function<void()> work) {
    {
      const std::lock_guard lock(mutex_);
      mailbox_.push_back(std::move(work));
    }
    eventfd_write(wake_fd_, 1);
  }

  Seat& seat() { return seat_; }
  Output& output() { return output_; }
  ShellContext& shell() { return shell_; }

 private:
  static int on_wake(int fd, uint32_t, void* self) {
    eventfd_t count = 0;
    eventfd_read(fd, &count);
    static_cast<Thread*>(self)->take_mail();
    return 0;
  }

  void take_mail() {
    std::vector<std::function<void()>> mail;
    {
      const std::lock_guard lock(mutex_);
      mail.swap(mailbox_);
    }
    for (const auto& work : mail) work();
    wl_display_flush_clients(display_.get());
  }

  std::unique_ptr<wl_display, DisplayDeleter> display_;  // first: everything below belongs to it
  int wake_fd_;
  FrameClock clock_;
  Seat seat_;
  Output output_;
  ShellContext shell_;
  wl_event_source* wake_source_ = nullptr;
  std::mutex mutex_;
  std::vector<std::function<void()>> mailbox_;  // guarded by mutex_
  std::thread thread_;
};

std::unique_ptr<Compositor> Compositor::start(const Screen& screen, const std::string& socket_name, const std::string& keymap) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return nullptr;
  const int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  wl_display* display = wl_display_create();
  if (wake_fd < 0 || display == nullptr) return nullptr;  // the process ends on this path: nothing to give back
  auto thread = std::make_unique<Thread>(display, screen, keymap, wake_fd);
  if (wl_display_add_socket(display, socket_name.c_str()) != 0) return nullptr;
  wl_client* owner = wl_client_create(display, pair[0]);
  if (owner == nullptr) return nullptr;
  thread->seat().set_owner(owner);
  thread->run();
  return std::unique_ptr<Compositor>(new Compositor(std::move(thread), pair[1]));
}

Compositor::Compositor(std::unique_ptr<Thread> thread, int client_socket) : thread_(std::move(thread)), client_socket_(client_socket) {}

Compositor::~Compositor() {
  if (client_socket_ >= 0) close(client_socket_);
}

int Compositor::take_client_socket() noexcept { return std::exchange(client_socket_, -1); }

void Compositor::move_pointer(double x, double y) {
  thread_->post([this, x, y] { thread_->seat().move_pointer(x, y); });
}
void Compositor::press_pointer(KeyState state) {
  thread_->post([this, state] { thread_->seat().press_pointer(state == KeyState::pressed); });
}
void Compositor::turn_wheel(double horizontal, double vertical) {
  thread_->post([this, horizontal, vertical] { thread_->seat().turn_wheel(horizontal, vertical); });
}
void Compositor::key(std::uint32_t evdev_code, KeyState state) {
  thread_->post([this, evdev_code, state] { thread_->seat().key(evdev_code, state == KeyState::pressed); });
}
void Compositor::set_modifiers(std::uint32_t mask) {
  thread_->post([this, mask] { thread_->seat().set_modifiers(mask); });
}
void Compositor::set_scale(int scale) {
  thread_->post([this, scale] { thread_->output().set_scale(scale); });
}
void Compositor::watch(std::function<void(const PixelView&)> on_painted) {
  thread_->post([this, on_painted = std::move(on_painted)] { thread_->shell().on_painted = on_painted; });
}
void Compositor::set_keymap(const std::string& keymap) {
  thread_->post([this, keymap] { thread_->seat().set_keymap(keymap); });
}

}  // namespace driftstack::browser_webkit
