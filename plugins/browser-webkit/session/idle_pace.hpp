#pragma once
// The main loop of a session. An idle page that paints all the time (an animation) costs a third of a core; nobody looks at it between two
// commands. Without accelerated compositing the web process waits for this process to take each painted frame before it paints the next, so
// taking them once a second (as often as pictures are shown while somebody looks) holds the painting, and the page notices nothing: no
// visibility change, timers and network go on.

namespace driftstack::browser_webkit {

class Session;

/// Runs until the process ends. Requests on `control` are taken at once, whatever the pace.
[[noreturn]] void run_main_loop(const Session& session, int control);

}  // namespace driftstack::browser_webkit
