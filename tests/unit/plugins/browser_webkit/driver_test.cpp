// The server's side against session processes that are broken or hostile.

#include "plugins/browser-webkit/driver/driver.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

#include "plugins/browser-webkit/driver/containment.hpp"
#include "plugins/browser-webkit/driver/process_tree.hpp"
#include "plugins/browser-webkit/driver/sandbox_trial.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr std::chrono::seconds kLimit{10};

/// Namespaces where the machine permits them.
Containment best_containment() {
  static const bool permitted = [] {
    Result<RuntimeRoot> root = RuntimeRoot::open("/tmp");
    const Result<SessionUser> user = resolve_session_user("nobody");
    return root && user && try_sandbox(*root, *user).namespaces;
  }();
  return permitted ? Containment::namespaces : Containment::none;
}

/// A hostile session of one mode, asked once.
class Encounter {
 public:
  explicit Encounter(const std::string& mode, Containment containment = best_containment()) {
    directory_ = root_ + "/" + mode;
    std::filesystem::create_directory(directory_);
    LaunchPlan plan;
    plan.program = DRIFTSTACK_HOSTILE_SESSION;
    plan.directory = directory_;
    plan.containment = containment;
    plan.user = *resolve_session_user("nobody");
    std::filesystem::permissions(root_, std::filesystem::perms(0711));
    REQUIRE((!plan.user.switch_user || chown(directory_.c_str(), plan.user.uid, plan.user.gid) == 0));
    plan.disk_limit = std::int64_t{64} << 20;
    std::promise<void> launched;
    loop_.post([&] {
      Result<std::shared_ptr<Driver>> driver =
          Driver::launch(egress_, plan, [this](const std::string& reason) { gone_.set_value(reason); });
      if (driver) driver_ = *driver;
      launched.set_value();
    });
    launched.get_future().get();
    REQUIRE(driver_);
  }
  ~Encounter() {
    end();
    std::filesystem::remove_all(root_);
  }
  Encounter(const Encounter&) = delete;
  Encounter& operator=(const Encounter&) = delete;

  Result<Answer> ask(std::chrono::milliseconds limit = kLimit) {
    std::promise<Result<Answer>> answered;
    loop_.post([&] {
      driver_->request(protocol::Method::ping, wire::to_json(protocol::Empty()), limit,
                       [&](Result<Answer> answer) { answered.set_value(std::move(answer)); });
    });
    return answered.get_future().get();
  }
  Result<Answer> save_state() {
    std::promise<Result<Answer>> answered;
    loop_.post([&] {
      driver_->save_state(wire::to_json(protocol::Empty()), kLimit, [&](Result<Answer> answer) { answered.set_value(std::move(answer)); });
    });
    return answered.get_future().get();
  }
  /// Asks without waiting.
  std::future<Result<Answer>> begin_asking() {
    auto answered = std::make_shared<std::promise<Result<Answer>>>();
    loop_.post([this, answered] {
      driver_->request(protocol::Method::ping, wire::to_json(protocol::Empty()), kLimit,
                       [answered](Result<Answer> answer) { answered->set_value(std::move(answer)); });
    });
    return answered->get_future();
  }
  /// Why it counts as gone; waits for the news.
  std::string gone_reason() {
    std::future<std::string> reason = gone_.get_future();
    REQUIRE(reason.wait_for(kLimit) == std::future_status::ready);
    return reason.get();
  }
  void end() {
    std::promise<void> ended;
    loop_.post([&] { driver_->end([&] { ended.set_value(); }); });
    ended.get_future().get();
  }
  Driver& driver() { return *driver_; }
  const std::string& directory() const { return directory_; }

 private:
  static std::string make_root() {
    std::string path = "/tmp/driftstack-driver-test-XXXXXX";
    REQUIRE(mkdtemp(path.data()) != nullptr);
    return path;
  }
  std::string root_ = make_root();
  std::string directory_;
  std::promise<std::string> gone_;
  std::shared_ptr<Driver> driver_;
  LoopThread loop_;
  Egress egress_{loop_, AllowedTargets(), 1 << 20};
};

TEST_CASE("an answer comes back with its result, a failure with its kind, bytes with their content") {
  Encounter answering("answer");
  const Result<Answer> answer = answering.ask();
  REQUIRE(answer);
  CHECK(answer->result.text() == R"({"a":1})");

  Encounter refusing("refuse");
  const Result<Answer> refused = refusing.ask();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::driver_error);
  CHECK(refused.error().members == R"("kind":"tls")");

  Encounter sending("bytes");
  const Result<Answer> bytes = sending.ask();
  REQUIRE(bytes);
  CHECK(bytes->attachment == "12345");
}

TEST_CASE("a session process that an attacker took over gets nowhere, and its twin without namespaces does", "[guard]") {
  const Descriptor canary(listen_on_loopback(0));
  const std::string mode = "escape-" + std::to_string(port_of(canary.get()));
  const auto reached_by = [&](Containment containment) {
    Encounter encounter(mode, containment);
    std::ofstream(encounter.directory() + "/../secret") << "secret";
    const Result<Answer> answer = encounter.ask();
    REQUIRE(answer);
    return answer->result.text();
  };
  const auto was_reached = [&] { return bool(Descriptor(accept4(canary.get(), nullptr, nullptr, SOCK_CLOEXEC))); };
  if (best_containment() == Containment::namespaces) {
    CHECK(reached_by(Containment::namespaces) == R"({"reached":[]})");
    CHECK_FALSE(was_reached());
  }
  const std::string without = reached_by(Containment::none);
  for (const char* name : {"a server on the machine's loopback", "a file of the server", "files of users", "other processes"}) {
    CHECK(without.find(name) != std::string::npos);
  }
  CHECK(was_reached());
}

TEST_CASE("nonsense ends the process and fails the command") {
  const std::string mode = GENERATE("wrong-id", "no-json", "too-long", "empty", "descriptor-flood");
  INFO(mode);
  Encounter encounter(mode);
  const Result<Answer> answer = encounter.ask();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::driver_error);
  encounter.gone_reason();
  encounter.end();
  CHECK(kill(encounter.driver().pid(), 0) != 0);
}

TEST_CASE("an answer to nothing ends the process") {
  Encounter encounter("twice");
  CHECK(encounter.ask());
  CHECK(encounter.gone_reason() == "the browser answered nonsense");
}

TEST_CASE("content that is too short, too large, missing, or no memory is not read") {
  const std::string mode = GENERATE("short-bytes", "no-bytes", "huge-bytes", "device-bytes", "pipe-bytes");
  INFO(mode);
  Encounter encounter(mode);
  const Result<Answer> answer = encounter.ask();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == (mode == "huge-bytes" ? Errc::payload_too_large : Errc::driver_error));
}

TEST_CASE("a state is handed on as the memory that came") {
  Encounter encounter("state");
  Result<Answer> answer = encounter.save_state();
  REQUIRE(answer);
  CHECK(answer->state.is_sealed());
  CHECK(*answer->state.content() == "12345");
}

TEST_CASE("a state that could still change, is another than was said, or no memory is refused") {
  const std::string mode = GENERATE("soft-state", "other-state", "pipe-state", "no-bytes", "short-bytes");
  INFO(mode);
  Encounter encounter(mode);
  const Result<Answer> answer = encounter.save_state();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::driver_error);
}

TEST_CASE("saving the state cancels the running command, whose late answer is dropped with its content; nothing runs after it") {
  Encounter encounter("late-answer");
  std::future<Result<Answer>> first = encounter.begin_asking();
  Result<Answer> saved = encounter.save_state();
  CHECK(first.get().error().code == Errc::cancelled);
  REQUIRE(saved);
  CHECK(*saved->state.content() == "54321");
  CHECK(encounter.ask().error().code == Errc::driver_error);
  CHECK(encounter.save_state().error().code == Errc::driver_error);
}

TEST_CASE("silence beyond the limit ends the process") {
  Encounter encounter("silent");
  const Result<Answer> answer = encounter.ask(std::chrono::milliseconds(50));
  REQUIRE_FALSE(answer);
  CHECK(encounter.gone_reason() == "the browser did not answer in time");
}

TEST_CASE("a process that ends, or says that it is gone, is told once with its reason") {
  Encounter ending("exit");
  CHECK_FALSE(ending.ask());
  CHECK(ending.gone_reason() == "the browser ended");

  Encounter saying("gone");
  CHECK_FALSE(saying.ask());
  CHECK(saying.gone_reason() == "because");

  Encounter last("words");
  CHECK_FALSE(last.ask());
  last.gone_reason();
  last.end();
  CHECK(last.driver().last_words() == "last words\n");
}

TEST_CASE("the whole tree and the directory are gone when the end is told, also for a child that left the session") {
  Encounter encounter("family");
  std::vector<pid_t> tree;
  while (tree.size() < 2) tree = descendants_of(encounter.driver().pid());
  encounter.end();
  for (const pid_t pid : tree) CHECK(kill(pid, 0) != 0);
  CHECK_FALSE(std::filesystem::exists(encounter.directory()));
}

TEST_CASE("after its end a browser refuses commands") {
  Encounter encounter("answer");
  encounter.end();
  const Result<Answer> answer = encounter.ask();
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == Errc::driver_error);
}

TEST_CASE("a program that is not there is told before anything is started") {
  LaunchPlan plan;
  plan.program = "/nowhere/driftstack-webkit-session";
  plan.directory = "/tmp";
  const Result<LaunchedSession> launched = launch_session(plan);
  REQUIRE_FALSE(launched);
  CHECK(launched.error().detail.find("/nowhere/driftstack-webkit-session") != std::string::npos);
}

TEST_CASE("sessions never run as root, and an unknown user is refused") {
  if (geteuid() != 0) return;  // only a root server chooses
  CHECK(resolve_session_user("nobody")->uid != 0);
  CHECK_FALSE(resolve_session_user("root"));
  CHECK_FALSE(resolve_session_user("no-such-user-here"));
}

}  // namespace
}  // namespace driftstack::browser_webkit
