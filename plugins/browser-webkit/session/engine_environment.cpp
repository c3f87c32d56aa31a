#include "engine_environment.hpp"

#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace driftstack::browser_webkit {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 8> kFixed = {{
    {"PATH", "/usr/local/bin:/usr/bin:/bin"},
    {"LANG", "C.UTF-8"},
    {"GDK_BACKEND", "wayland"},
    {"NO_AT_BRIDGE", "1"},            // no accessibility bus: there is no assistive technology to talk to
    {"GSETTINGS_BACKEND", "memory"},  // no settings daemon
    {"GIO_USE_VFS", "local"},         // no file system daemons
    {"GTK_THEME", "Adwaita"},         // the same look whatever is installed
    {"MESA_SHADER_CACHE_DISABLE", "true"},
}};
constexpr std::array<const char*, 5> kDirectories = {"XDG_RUNTIME_DIR", "HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"};

// GLVND, the library in front of all EGL drivers, reads this when it is first asked for anything.
constexpr const char* kDrivers = "__EGL_VENDOR_LIBRARY_FILENAMES";
constexpr int kEglExtensions = 0x3055;  // EGL_EXTENSIONS of EGL 1.5

}  // namespace

void set_engine_environment(const std::string& directory) {
  clearenv();
  for (const auto& [name, value] : kFixed) setenv(name, value, 1);
  for (const char* name : kDirectories) setenv(name, directory.c_str(), 1);
}

void keep_graphics_drivers_out() {
  void* const egl = dlopen("libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
  if (egl == nullptr) return;
  using QueryString = const char* (*)(void* display, int name);
  if (const auto query = reinterpret_cast<QueryString>(dlsym(egl, "eglQueryString"))) {
    setenv(kDrivers, "", 1);
    query(nullptr, kEglExtensions);
    unsetenv(kDrivers);
  }
}

void set_display_environment(int client_socket) {
  setenv("WAYLAND_SOCKET", std::to_string(client_socket).c_str(), 1);
  setenv("WAYLAND_DISPLAY", kDisplayName, 1);
}

}  // namespace driftstack::browser_webkit
