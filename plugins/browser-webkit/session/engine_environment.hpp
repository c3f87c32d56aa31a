#pragma once
// The environment of the session process, which the engine's own processes inherit in full.

#include <string>

namespace driftstack::browser_webkit {

/// Name of the display's socket in the runtime directory. Relative, so that the engine's sandbox binds it.
inline constexpr const char* kDisplayName = "wayland-0";

/// Replaces the whole environment: nothing that the server was started with reaches the engine. `directory` is the private runtime
/// directory; everything that the toolkit and the engine want to keep goes there.
void set_engine_environment(const std::string& directory);

/// Lets this process have no EGL driver, and its children the drivers of the machine. The session process draws without acceleration, yet
/// the engine asks for a display of EGL when it starts, and Mesa's software driver brings the whole of LLVM: 16 MB that no other process
/// shares. The web process keeps it for WebGL. Call it after set_engine_environment and before anything asks for EGL.
void keep_graphics_drivers_out();

/// Tells the toolkit where its display is. `client_socket` is consumed by gtk_init.
void set_display_environment(int client_socket);

}  // namespace driftstack::browser_webkit
