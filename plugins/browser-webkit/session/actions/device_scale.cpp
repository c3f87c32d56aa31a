#include "actions/device_scale.hpp"

#include <memory>

namespace driftstack::browser_webkit {
namespace {

// The toolkit learns of a new scale within a frame or two.
constexpr std::chrono::seconds kPatience{3};

}  // namespace

int device_scale(Page& page) { return gtk_widget_get_scale_factor(GTK_WIDGET(page.view())); }

Work<> change_device_scale(Page& page, Compositor& compositor, Command& command, int scale) {
  if (device_scale(page) == scale) co_return Done();
  const OneShot<Done> changed;
  // Connected after the engine's own handler: when this one runs, the engine has been told, and what is asked of it later comes later.
  // The handler owns its copy of the answer, since the command may give up first.
  const gulong handler = g_signal_connect_data(
      page.view(), "notify::scale-factor",
      G_CALLBACK(+[](WebKitWebView*, GParamSpec*, gpointer data) { static_cast<OneShot<Done>*>(data)->set(Done()); }),
      std::make_unique<OneShot<Done>>(changed).release(), [](gpointer data, GClosure*) { delete static_cast<OneShot<Done>*>(data); },
      G_CONNECT_AFTER);
  compositor.set_scale(scale);
  const Deadline until = SteadyClock::now() + kPatience;
  co_await changed.wait(command, until);
  g_signal_handler_disconnect(page.view(), handler);
  if (device_scale(page) != scale) co_return command.gave_up("the page did not take the device scale in time");
  co_return Done();
}

}  // namespace driftstack::browser_webkit
