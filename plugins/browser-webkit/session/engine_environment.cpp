#include "engine_environment.hpp"

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

}  // namespace

void set_engine_environment(const std::string& directory) {
  clearenv();
  for (const auto& [name, value] : kFixed) setenv(name, value, 1);
  for (const char* name : kDirectories) setenv(name, directory.c_str(), 1);
}

void set_display_environment(int client_socket) {
  setenv("WAYLAND_SOCKET", std::to_string(client_socket).c_str(), 1);
  setenv("WAYLAND_DISPLAY", kDisplayName, 1);
}

}  // namespace driftstack::browser_webkit
