// How sessions begin, what they run as, and that nothing is left of them, however they end.

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "allowing.hpp"
#include "driftstack/testing/conformance/browser_backend.hpp"
#include "plugins/browser-webkit/driver/process_tree.hpp"
#include "plugins/browser-webkit/driver/session_launcher.hpp"

namespace driftstack::browser_test {
namespace {

constexpr std::chrono::seconds kPatience{10};

std::string name_of(pid_t pid) { return process_status(pid, "Name"); }

pid_t first_named(const std::vector<pid_t>& processes, const std::string& name) {
  const auto at = std::find_if(processes.begin(), processes.end(), [&](pid_t pid) { return name_of(pid) == name; });
  REQUIRE(at != processes.end());
  return *at;
}

TEST_CASE("the processes of a session are unprivileged, know nothing of the server and leave no core", "[browser][guard]") {
  setenv("SERVER_SECRET", "do not tell", 1);
  PageServer server;
  server.page("/", "<p>x</p>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  const std::vector<pid_t> processes = browser.processes();
  REQUIRE(processes.size() >= 3);
  for (const pid_t pid : processes) {
    INFO(name_of(pid));
    CHECK_FALSE(process_status(pid, "Uid").starts_with("0\t"));
    CHECK(process_status(pid, "NoNewPrivs") == "1");
    std::ifstream environment("/proc/" + std::to_string(pid) + "/environ");
    const std::string all((std::istreambuf_iterator<char>(environment)), std::istreambuf_iterator<char>());
    CHECK(all.find("SERVER_SECRET") == std::string::npos);
  }
  const std::string session = "/proc/" + std::to_string(processes.front());
  CHECK(process_status(processes.front(), "CapEff") == "0000000000000000");
  std::ifstream limits(session + "/limits");
  const std::string all((std::istreambuf_iterator<char>(limits)), std::istreambuf_iterator<char>());
  CHECK(all.find("Max core file size        0                    0") != std::string::npos);
  std::error_code closed;  // to any other user than root the descriptors do not even show
  for (const auto& descriptor : std::filesystem::directory_iterator(session + "/fd", closed)) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(descriptor.path(), gone).string();
    INFO(target);
    CHECK(target.find(std::filesystem::current_path().string()) == std::string::npos);
  }
  const pid_t web = first_named(processes, "WebKitWebProces");
  CHECK((!sandbox_works() || process_status(web, "Seccomp") == "2"));  // the engine's own sandbox is on
  unsetenv("SERVER_SECRET");
}

// The engine's sandbox looks its children up in /proc by the numbers of the session's namespace. With the machine's /proc a number that no
// process of the machine has made about one start in a hundred fail.
TEST_CASE("a session in its own pid namespace sees its own processes in /proc, under their own numbers", "[browser][guard]") {
  if (!sandbox_works()) return;  // there are no namespaces
  PageServer server;
  Browser browser(allowing(server));
  const std::vector<pid_t> processes = browser.processes();
  REQUIRE_FALSE(processes.empty());
  const std::filesystem::path seen = "/proc/" + std::to_string(processes.front()) + "/root/proc";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(seen)) {
    const std::string name = entry.path().filename().string();
    count += name.find_first_not_of("0123456789") == std::string::npos ? 1 : 0;
  }
  CHECK(count == processes.size());
  std::ifstream first(seen / "1/comm");
  std::string name;
  std::getline(first, name);
  CHECK(name_of(processes.front()) == name);
}

TEST_CASE("after stop no process and no file of the session is left", "[browser][guard]") {
  PageServer server;
  server.page("/", "<script>setInterval(() => { for (let i = 0; i < 1e8; ++i); }, 0)</script>");  // busy when it is killed
  Browser browser(allowing(server));
  REQUIRE(browser.navigate(server.url("/"), browser::WaitUntil::domcontentloaded));
  const std::vector<pid_t> processes = browser.processes();
  REQUIRE(processes.size() >= 3);

  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(browser.stop());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
  for (const pid_t pid : processes) CHECK_FALSE(browser_webkit::is_running(pid));
  CHECK(browser.processes().empty());
  CHECK_FALSE(browser.listener().wait_for(browser.session(), std::chrono::milliseconds(0)));
  CHECK(browser.stop());  // again: ok
}

TEST_CASE("stop ends a running command with cancelled", "[browser]") {
  PageServer server;
  server.page("/", "<p>x</p>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  browser::Wait message;
  message.session_id = browser.session();
  message.condition = browser::SelectorPresent{"#never"};
  message.timeout_ms = 60'000;
  const std::unique_ptr<Call> call = browser.host().call();
  Result<browser::Waited> waited;
  std::thread waiting([&] {
    do {  // refused as long as one of the other commands below runs
      waited = testing::run(browser.host(), browser.backend().wait(*call, message));
    } while (!waited && waited.error().code == Errc::conflict);
  });
  while (browser.state()) {  // refused once the wait runs
  }
  REQUIRE(browser.stop());
  waiting.join();
  REQUIRE_FALSE(waited);
  CHECK(waited.error().code == Errc::cancelled);
}

TEST_CASE("the end of a web process is told, and nothing of the session is left", "[browser][guard]") {
  PageServer server;
  server.page("/", "<p>x</p>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));
  const std::vector<pid_t> processes = browser.processes();

  kill(first_named(processes, GENERATE("WebKitWebProces", "driftstack-webk")), SIGKILL);
  const std::optional<std::string> reason = browser.listener().wait_for(browser.session(), kPatience);
  REQUIRE(reason);
  CHECK(wait_until_gone(processes, std::chrono::seconds(1)));
  const Result<browser::State> state = browser.state();
  REQUIRE_FALSE(state);
  CHECK(state.error().code == Errc::driver_error);
  CHECK(browser.listener().count() == 1);
}

TEST_CASE("a page that hangs fails its command in time and can be stopped", "[browser]") {
  PageServer server;
  server.page("/", "<button id=b onclick='for (;;);'>b</button>");
  Browser browser(allowing(server));
  browser.open(server.url("/"));

  REQUIRE(browser.tap("#b"));
  const Result<browser::Interacted> stuck = browser.tap("#b", 700);
  REQUIRE_FALSE(stuck);
  CHECK(stuck.error().code == Errc::session_timeout);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(browser.stop());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
}

TEST_CASE("a session above its memory limit is ended", "[browser][guard]") {
  PageServer server;
  server.page("/", "<script>const all = []; setInterval(() => all.push(new Uint8Array(16 << 20).fill(1)), 10)</script>");
  BrowserOptions options = allowing(server);
  options.memory_limit = std::int64_t{400} << 20;
  Browser browser(options);

  REQUIRE(browser.navigate(server.url("/")));
  CHECK(browser.listener().wait_for(browser.session(), kPatience) == "the browser used too much memory");
}

TEST_CASE("a warm browser is handed out at once and is never used twice", "[browser]") {
  PageServer server;
  server.page("/", "<script>localStorage.mine = 1; document.cookie = 'mine=1; max-age=1000'</script>");
  BrowserOptions options = allowing(server);
  options.warm_sessions = 1;
  Browser browser(options);
  browser.open(server.url("/"));
  const std::vector<pid_t> first = browser.processes();
  REQUIRE(browser.stop());
  CHECK(kill(first.front(), 0) != 0);

  REQUIRE(browser.start(browser.session()));
  const Result<browser::State> fresh = browser.state();
  REQUIRE(fresh);
  CHECK(fresh->cookies.empty());
  browser.open(server.url("/other"));
  CHECK(browser.state()->local_storage.empty());
}

TEST_CASE("an unknown archetype and a second browser for a session are refused", "[browser]") {
  Browser browser{BrowserOptions()};
  browser::Start message;
  message.session_id = "ses_other";
  message.archetype = "no_such_thing";
  const Result<> unknown = testing::run(browser.host(), browser.backend().start(browser.call(), std::move(message)));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::driver_not_integrated);
  const Result<> second = browser.start(browser.session());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::conflict);
}

TEST_CASE("exactly one archetype is the default, and every id fits the contract", "[browser]") {
  Browser browser{BrowserOptions()};
  int defaults = 0;
  for (const browser::Archetype& archetype : browser.backend().archetypes()) {
    defaults += archetype.is_default ? 1 : 0;
    CHECK(matches_slug(archetype.id));
    CHECK_FALSE(archetype.display_label.empty());
    CHECK_FALSE(archetype.platform_version.empty());
    CHECK(archetype.engine_version.starts_with("WebKitGTK 2."));
  }
  CHECK(defaults == 1);
}

TEST_CASE("no session outlives a server that is killed", "[browser][guard]") {
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const pid_t server = fork();
  if (server == 0) {
    dup2(pipe_ends[1], STDOUT_FILENO);
    execl(DRIFTSTACK_ORPHAN_MAKER, DRIFTSTACK_ORPHAN_MAKER, DRIFTSTACK_PLUGIN_PACKAGE, nullptr);
    _exit(1);
  }
  close(pipe_ends[1]);
  char ready = 0;
  REQUIRE(read(pipe_ends[0], &ready, 1) == 1);  // it has a browser with a busy page
  close(pipe_ends[0]);
  std::vector<pid_t> processes = processes_below(server);
  REQUIRE(processes.size() >= 3);

  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
  CHECK(wait_until_gone(processes, std::chrono::seconds(1)));
}

TEST_CASE("the session program refuses to run as root", "[browser][guard]") {
  if (geteuid() != 0) return;  // only root can try
  browser_webkit::LaunchPlan plan;
  plan.containment = browser_webkit::Containment::none;
  plan.program = std::string(DRIFTSTACK_PLUGIN_PACKAGE) + "/driftstack-webkit-session";
  std::string directory = "/tmp/driftstack-root-test-XXXXXX";
  REQUIRE(mkdtemp(directory.data()) != nullptr);
  plan.directory = directory;
  Result<browser_webkit::LaunchedSession> launched = browser_webkit::launch_session(plan);
  REQUIRE(launched);
  int status = 0;
  REQUIRE(waitpid(launched->pid, &status, 0) == launched->pid);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 5);
  std::filesystem::remove_all(directory);
}

TEST_CASE("the real backend keeps the lifecycle of browser.backend/1", "[browser]") {
  testing::conformance::browser_lifecycle([] {
    return testing::conformance::from_plugin<browser::Backend>(DRIFTSTACK_PLUGIN_PACKAGE, {{"warm_sessions", 0}});
  });
}

}  // namespace
}  // namespace driftstack::browser_test
