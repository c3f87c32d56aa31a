// Times of the browser backend on a trivial page, and the memory of idle sessions. Prints; decides nothing.
//   browser_webkit_benchmark [rounds] [idle sessions]

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "driftstack/roles/browser_backend.hpp"
#include "driftstack/testing/plugin_fixture.hpp"
#include "page_server.hpp"
#include "plugins/browser-webkit/driver/process_tree.hpp"

namespace {

using namespace driftstack;
using Clock = std::chrono::steady_clock;

struct Bench {
  Bench(testing::PluginFixture& fixture, std::string page) : plugin(fixture), url(std::move(page)) {}

  template <class Message, class Function>
  void send(Function function, Message message) {
    const std::unique_ptr<Call> call = plugin.host().call();
    auto* backend = plugin.provide<browser::Backend>();
    auto result = testing::run(plugin.host(), (backend->*function)(*call, std::move(message)));
    if (result) return;
    std::fprintf(stderr, "failed: %s\n", result.error().detail.c_str());
    std::exit(1);
  }
  void start(const std::string& session) {
    browser::Start message;
    message.session_id = session;
    message.archetype = "webkit_desktop_1280";
    send(&browser::Backend::start, std::move(message));
  }
  void navigate(const std::string& session) {
    browser::Navigate message;
    message.session_id = session;
    message.url = url;
    send(&browser::Backend::navigate, std::move(message));
  }
  void tap(const std::string& session) {
    browser::Interact message;
    message.session_id = session;
    browser::Tap action;
    action.selector = "#b";
    message.action = std::move(action);
    send(&browser::Backend::interact, std::move(message));
  }
  void capture(const std::string& session) {
    browser::Capture message;
    message.session_id = session;
    send(&browser::Backend::capture, std::move(message));
  }
  void stop(const std::string& session) {
    browser::Stop message;
    message.session_id = session;
    send(&browser::Backend::stop, std::move(message));
  }

  testing::PluginFixture& plugin;
  std::string url;
};

/// Median and extremes of `rounds` runs in milliseconds; `before` is not timed.
void measure(const char* what, int rounds, const std::function<void()>& before, const std::function<void()>& timed) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    before();
    const Clock::time_point begin = Clock::now();
    timed();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  std::sort(times.begin(), times.end());
  std::printf("%-44s %7.1f ms  [%.1f - %.1f], n=%d\n", what, times[times.size() / 2], times.front(), times.back(), rounds);
}

std::size_t web_processes() {
  std::size_t count = 0;
  for (const pid_t pid : browser_webkit::descendants_of(getpid())) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    count += std::getline(file, name) && name.starts_with("WebKitWeb") ? 1 : 0;
  }
  return count;
}

/// Until that many browsers run and have had a second to become ready.
void wait_for_browsers(std::size_t count) {
  constexpr useconds_t kLook = 50'000, kReady = 1'000'000;
  while (web_processes() < count) usleep(kLook);
  usleep(kReady);
}

void measure_starts(Bench& bench, int rounds) {
  const auto other = [&](bool warm) {
    bench.stop("ses_a");
    wait_for_browsers(1);
    if (!warm) bench.start("ses_takes_the_warm_one");
  };
  measure(
      "start without a warm browser", rounds,
      [&] {
        bench.stop("ses_takes_the_warm_one");
        other(false);
      },
      [&] { bench.start("ses_a"); });
  bench.stop("ses_takes_the_warm_one");
  measure(
      "start with a warm browser", rounds, [&] { other(true); }, [&] { bench.start("ses_a"); });
  measure(
      "the same, page loaded", rounds, [&] { other(true); },
      [&] {
        bench.start("ses_a");
        bench.navigate("ses_a");
      });
  measure(
      "stop, tree gone", rounds,
      [&] {
        bench.start("ses_b");
        wait_for_browsers(2);
      },
      [&] { bench.stop("ses_b"); });
}

void measure_memory(Bench& bench, int sessions) {
  for (int i = 0; i < sessions; ++i) {
    const std::string session = "ses_idle_" + std::to_string(i);
    bench.start(session);
    bench.navigate(session);
  }
  sleep(2);
  std::vector<pid_t> tree = browser_webkit::descendants_of(getpid());
  std::erase(tree, getpid());
  const double total = static_cast<double>(browser_webkit::memory_of(tree, browser_webkit::Weighing::fair)) / (1 << 20);
  std::printf("%-44s %7.1f MiB (of %d and one warm)\n", "memory per idle session (PSS)", total / (sessions + 1), sessions);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  const int idle = argc > 2 ? std::atoi(argv[2]) : 9;
  browser_test::PageServer pages;
  pages.page("/", "<title>t</title><button id=b onclick='n.textContent = +n.textContent + 1'>b</button><p id=n>0</p>");
  testing::PluginFixture plugin(DRIFTSTACK_PLUGIN_PACKAGE, {{"egress_allow", std::vector<std::string>{pages.host_and_port()}}});
  if (!plugin.configure() || !plugin.start()) return 1;
  Bench bench(plugin, pages.url("/"));
  measure_starts(bench, rounds);
  measure(
      "navigate, trivial page", rounds, [] {}, [&] { bench.navigate("ses_a"); });
  measure(
      "tap with acknowledgement", rounds * 5, [] {}, [&] { bench.tap("ses_a"); });
  measure(
      "screenshot 1280x800", rounds * 5, [] {}, [&] { bench.capture("ses_a"); });
  bench.stop("ses_a");
  measure_memory(bench, idle);
}
