#include "idle_pace.hpp"

#include <glib.h>
#include <poll.h>

#include <iterator>

#include "session.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr int kIdlePaceMs = 1000;
constexpr int kWatchedPaceMs = 1000 / browser::kMostFramesPerSecond;
// Events that one idle turn works off at most: a chatty page must not keep the loop from resting.
constexpr int kMostEventsPerTurn = 64;

void rest(const Session& session, int control) {
  pollfd wanted[] = {{control, POLLIN, 0}, {session.frame_ready(), POLLIN, 0}};
  poll(wanted, std::size(wanted), session.is_watched() ? kWatchedPaceMs : kIdlePaceMs);
}

}  // namespace

void run_main_loop(const Session& session, int control) {
  for (;;) {
    g_main_context_iteration(nullptr, TRUE);
    for (int i = 0; session.is_idle() && i < kMostEventsPerTurn && g_main_context_pending(nullptr); ++i) {
      g_main_context_iteration(nullptr, FALSE);
    }
    if (session.is_idle()) rest(session, control);
  }
}

}  // namespace driftstack::browser_webkit
