#include <catch2/catch.hpp>
#include <future>

#include "driftstack/testing/fake_browser_backend.hpp"
#include "driftstack/testing/fake_host.hpp"

namespace driftstack::testing {
namespace {

browser::Start start_of(std::string id, std::string archetype = "fake_desktop") {
  browser::Start message;
  message.session_id = std::move(id);
  message.archetype = std::move(archetype);
  return message;
}

template <class Message>
Message for_session(std::string id) {
  Message message;
  message.session_id = std::move(id);
  return message;
}

class Listener final : public browser::Listener {
 public:
  void browser_gone(std::string session_id, std::string reason, browser::Traffic) noexcept override {
    gone.set_value(session_id + ": " + reason);
  }
  std::promise<std::string> gone;
};

/// Starts a wait that stays held, and remembers its outcome.
class HeldWait {
 public:
  HeldWait(FakeHost& host, FakeBrowserBackend& browsers) : call_(host.call()) {
    browsers.hold("wait");
    driftstack::start(browsers.wait(*call_, for_session<browser::Wait>("ses_1")),
                      [this](Result<browser::Waited> result) { outcome_.set_value(std::move(result)); });
    browsers.wait_until_held("wait");
  }
  Result<browser::Waited> outcome() { return outcome_.get_future().get(); }

 private:
  std::unique_ptr<Call> call_;
  std::promise<Result<browser::Waited>> outcome_;
};

TEST_CASE("commands are counted by name") {
  FakeHost host;
  FakeBrowserBackend browsers(host.scheduler());
  const auto call = host.call();
  REQUIRE(run(host, browsers.start(*call, start_of("ses_1"))));
  REQUIRE(run(host, browsers.state(*call, for_session<browser::GetState>("ses_1"))));
  REQUIRE(run(host, browsers.state(*call, for_session<browser::GetState>("ses_1"))));
  CHECK(browsers.dispatches("state") == 2);
  CHECK(browsers.dispatches("navigate") == 0);
  CHECK(browsers.dispatches() == 3);
  CHECK(browsers.running() == std::vector<std::string>{"ses_1"});
}

TEST_CASE("a script decides what a command answers") {
  FakeHost host;
  FakeBrowserBackend browsers(host.scheduler());
  browsers.on_navigate = [](const browser::Navigate&) { return Error(Errc::session_timeout, "too slow"); };
  const auto call = host.call();
  REQUIRE(run(host, browsers.start(*call, start_of("ses_1"))));
  CHECK(run(host, browsers.navigate(*call, for_session<browser::Navigate>("ses_1"))).error().code == Errc::session_timeout);
}

TEST_CASE("a held command answers after its release") {
  FakeHost host;
  FakeBrowserBackend browsers(host.scheduler());
  const auto call = host.call();
  REQUIRE(run(host, browsers.start(*call, start_of("ses_1"))));
  HeldWait held(host, browsers);
  browsers.release("wait");
  CHECK(held.outcome()->satisfied);
}

TEST_CASE("a crash fails the held command and tells the listener once") {
  FakeHost host;
  FakeBrowserBackend browsers(host.scheduler());
  Listener listener;
  browsers.set_listener(&listener);
  const auto call = host.call();
  REQUIRE(run(host, browsers.start(*call, start_of("ses_1"))));
  HeldWait held(host, browsers);
  browsers.crash("ses_1", "killed");
  CHECK(held.outcome().error().code == Errc::driver_error);
  CHECK(listener.gone.get_future().get() == "ses_1: killed");
  browsers.crash("ses_1", "killed again");  // a second set_value would terminate
  call_on_io(host, [] {});
  CHECK(browsers.running().empty());
}

TEST_CASE("a start that its script refuses leaves no browser") {
  FakeHost host;
  FakeBrowserBackend browsers(host.scheduler());
  browsers.on_start = [](const browser::Start&) { return Error(Errc::driver_error, "no memory"); };
  const auto call = host.call();
  CHECK(run(host, browsers.start(*call, start_of("ses_1"))).error().code == Errc::driver_error);
  CHECK(browsers.running().empty());
}

TEST_CASE("cookies of a fake browser that keeps its state are those of the next one", "[fake_browser_backend]") {
  FakeHost host;
  FakeBrowserBackend browsers(host.scheduler());
  const auto call = host.call();
  browser::Start first = start_of("ses_1");
  first.keeps_state = true;
  REQUIRE(run(host, browsers.start(*call, std::move(first))));
  browsers.set_cookie("ses_1", "login", "yes");
  auto saved = run(host, browsers.save_state(*call, for_session<browser::SaveState>("ses_1")));
  REQUIRE(saved);
  CHECK(run(host, browsers.state(*call, for_session<browser::GetState>("ses_1"))).error().code == Errc::cancelled);

  browser::Start second = start_of("ses_2");
  second.state = std::move(saved->state);
  REQUIRE(run(host, browsers.start(*call, std::move(second))));
  const auto state = run(host, browsers.state(*call, for_session<browser::GetState>("ses_2")));
  REQUIRE(state);
  REQUIRE(state->cookies.size() == 1);
  CHECK(state->cookies.front().value == "yes");
  CHECK(run(host, browsers.save_state(*call, for_session<browser::SaveState>("ses_2"))).error().code == Errc::misuse);
}

TEST_CASE("a stop tells what its browser moved, and nothing for one that is gone") {
  FakeHost host;
  FakeBrowserBackend browsers(host.scheduler());
  browsers.traffic.bytes_in = 7;
  const auto call = host.call();
  REQUIRE(run(host, browsers.start(*call, start_of("ses_1"))));
  CHECK(run(host, browsers.stop(*call, for_session<browser::Stop>("ses_1")))->traffic.bytes_in == 7);
  CHECK(run(host, browsers.stop(*call, for_session<browser::Stop>("ses_1")))->traffic.bytes_in == 0);
}

TEST_CASE("a probe answers from its script, by default that the proxy works") {
  FakeHost host;
  FakeBrowserBackend browsers(host.scheduler());
  const auto call = host.call();
  CHECK_FALSE(run(host, browsers.probe_proxy(*call, browser::ProbeProxy()))->failure);
  browsers.on_probe_proxy = [](const browser::ProbeProxy&) {
    browser::ProxyProbed answer;
    answer.failure = browser::ProxyFailure::auth_failed;
    return Result<browser::ProxyProbed>(answer);
  };
  CHECK(run(host, browsers.probe_proxy(*call, browser::ProbeProxy()))->failure == browser::ProxyFailure::auth_failed);
}

}  // namespace
}  // namespace driftstack::testing
