#include "kernel/plugins/lifecycle.hpp"

#include <catch2/catch.hpp>
#include <coroutine>

#include "tests/unit/kernel/plugins/lifecycle_parts.hpp"

using namespace driftstack;
using namespace driftstack::kernel;
using driftstack::kernel::test::FakeHosts;
using driftstack::kernel::test::IoThreadRunner;
using namespace std::chrono_literals;
using State = PluginStatus::State;

namespace {

/// Where a fake plugin goes wrong.
enum class Fault { none, load, create, configure, start, stop, hang_in_start, hang_in_stop };

/// What happened, from whichever thread.
class Record {
 public:
  void add(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  std::vector<std::string> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  void started_here() {
    const std::lock_guard lock(mutex_);
    start_threads_.push_back(std::this_thread::get_id());
  }
  std::vector<std::thread::id> start_threads() const {
    const std::lock_guard lock(mutex_);
    return start_threads_;
  }
  void park(std::coroutine_handle<> handle) {
    const std::lock_guard lock(mutex_);
    parked_ = handle;
  }
  std::coroutine_handle<> parked() const {
    const std::lock_guard lock(mutex_);
    return parked_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
  std::vector<std::thread::id> start_threads_;
  std::coroutine_handle<> parked_;
};

struct Park {
  Record& record;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const { record.park(handle); }
  void await_resume() const noexcept {}
};

class FakePlugin final : public Plugin {
 public:
  FakePlugin(std::string name, Fault fault, Record& record) : name_(std::move(name)), fault_(fault), record_(record) {
    record_.add("create " + name_);
  }
  ~FakePlugin() override { record_.add("destroy " + name_); }

  Result<> configure() override {
    record_.add("configure " + name_);
    if (fault_ == Fault::configure) return Error(Errc::bad_request, "bad setting");
    return {};
  }
  AsyncResult<> start() override {
    record_.add("start " + name_);
    record_.started_here();
    if (fault_ == Fault::hang_in_start) {
      Park park{record_};
      co_await park;
    }
    if (fault_ == Fault::start) co_return Error(Errc::unreachable, "nobody there");
    co_return Done();
  }
  AsyncResult<> stop() override {
    record_.add("stop " + name_);
    if (fault_ == Fault::hang_in_stop) {
      Park park{record_};
      co_await park;
    }
    if (fault_ == Fault::stop) co_return Error(Errc::internal, "stuck valve");
    co_return Done();
  }
  void* provide(InterfaceId) noexcept override { return this; }

 private:
  std::string name_;
  Fault fault_;
  Record& record_;
};

struct Spec {
  Spec(std::string name, Fault fault = Fault::none, bool required = true, std::string needs = {})
      : name(std::move(name)), fault(fault), required(required), needs(std::move(needs)) {}
  std::string name;
  Fault fault;
  bool required;
  /// The interface "<name>/1" of another plugin.
  std::string needs;
};

class Bench {
 public:
  explicit Bench(std::vector<Spec> specs, std::chrono::milliseconds timeout = 10s) : specs_(std::move(specs)) {
    std::map<std::string, bool> required;
    for (const Spec& spec : specs_) {
      Manifest manifest;
      manifest.id = spec.name;
      manifest.provides = {{spec.name, 1}, {"http.routes", 1}};
      if (!spec.needs.empty()) manifest.required_interfaces = {{spec.needs, 1}};
      packages_.push_back({spec.name, "/p/" + spec.name, manifest, std::nullopt});
      selection_.order.push_back(spec.name);
      selection_.providers.emplace(spec.name + "/1", spec.name);
      required.emplace(spec.name, spec.required);
    }
    settings_ = test::plugin_settings(required);
    lifecycle_.emplace(
        LifecycleParts{packages_, selection_, settings_, [this](const Package& package) { return load(package); }, hosts, io, timeout});
  }

  Lifecycle& lifecycle() { return *lifecycle_; }
  void destroy() { lifecycle_.reset(); }
  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    for (const PluginFailure& failure : lifecycle_->failures()) out.push_back(failure.line());
    return out;
  }
  std::vector<State> states() const {
    std::vector<State> out;
    for (const PluginStatus& status : lifecycle_->statuses()) out.push_back(status.state);
    return out;
  }

  Record record;
  FakeHosts hosts;
  IoThreadRunner io;

 private:
  LoadResult load(const Package& package) {
    record.add("load " + package.name);
    for (const Spec& spec : specs_) {
      if (spec.name != package.name) continue;
      if (spec.fault == Fault::load) return {nullptr, PluginFailure{spec.name, PluginStep::pin, "wrong hash"}};
      return {[this, &spec](Host&) {
                return spec.fault == Fault::create ? nullptr : std::make_unique<FakePlugin>(spec.name, spec.fault, record);
              },
              std::nullopt};
    }
    return {};
  }

  std::vector<Spec> specs_;
  std::vector<Package> packages_;
  Selection selection_;
  CheckedSettings settings_;
  std::optional<Lifecycle> lifecycle_;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("all load, then all are created, then all configure, then each starts; stop runs in reverse") {
  Bench bench({{"a"}, {"b", Fault::none, true, "a"}});
  REQUIRE(bench.lifecycle().start());
  CHECK(bench.lifecycle().ready());
  bench.lifecycle().stop();
  CHECK(bench.record.events() == Lines{"load a", "load b", "create a", "create b", "configure a", "configure b", "start a", "start b",
                                       "stop b", "stop a", "destroy b", "destroy a"});
  CHECK(bench.lifecycle().failures().empty());
  CHECK(bench.states() == std::vector{State::stopped, State::stopped});
  CHECK_FALSE(bench.lifecycle().ready());
}

TEST_CASE("start and stop run on an io thread") {
  Bench bench({{"a"}});
  REQUIRE(bench.lifecycle().start());
  CHECK(bench.record.start_threads() == std::vector{bench.io.id()});
}

TEST_CASE("a failure at any step undoes the earlier ones in reverse and names plugin, step and reason") {
  struct Row {
    Fault fault;
    std::string line;
    Lines events;
  };
  const Row rows[] = {
      {Fault::load, "plugin b: pin: wrong hash", {"load a", "load b"}},
      {Fault::create, "plugin b: create: its constructor threw", {"load a", "load b", "load c", "create a", "destroy a"}},
      {Fault::configure,
       "plugin b: configure: bad setting",
       {"load a", "load b", "load c", "create a", "create b", "create c", "configure a", "configure b", "destroy c", "destroy b",
        "destroy a"}},
      {Fault::start,
       "plugin b: start: nobody there",
       {"load a", "load b", "load c", "create a", "create b", "create c", "configure a", "configure b", "configure c", "start a", "start b",
        "stop a", "destroy c", "destroy b", "destroy a"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.line);
    Bench bench({{"a"}, {"b", row.fault}, {"c"}});
    CHECK_FALSE(bench.lifecycle().start());
    CHECK(bench.lines() == Lines{row.line});
    CHECK(bench.record.events() == row.events);
    CHECK_FALSE(bench.lifecycle().ready());
    CHECK(bench.lifecycle().statuses().at(1).reason == row.line);
    CHECK_FALSE(bench.lifecycle().has_abandoned());
  }
}

TEST_CASE("a plugin that hangs in start is named, the earlier ones stop, and nothing that the hung task may use is destroyed") {
  Bench bench({{"a"}, {"b", Fault::hang_in_start}, {"c"}}, 100ms);
  CHECK_FALSE(bench.lifecycle().start());
  CHECK(bench.lines() == Lines{"plugin b: start: did not end within 100 ms (server.start_timeout)"});
  CHECK(bench.record.events().back() == "stop a");
  CHECK(bench.lifecycle().has_abandoned());
  bench.destroy();
  CHECK(bench.record.events().back() == "stop a");
  // The hung task wakes up late: everything that it touches is still there.
  bench.record.parked().resume();
}

TEST_CASE("a plugin that fails or hangs in stop is named, and the others stop all the same") {
  Bench failing({{"a"}, {"b", Fault::stop}});
  REQUIRE(failing.lifecycle().start());
  failing.lifecycle().stop();
  CHECK(failing.lines() == Lines{"plugin b: stop: stuck valve"});
  CHECK(failing.record.events().back() == "destroy a");

  Bench hanging({{"a"}, {"b", Fault::hang_in_stop}}, 100ms);
  REQUIRE(hanging.lifecycle().start());
  hanging.lifecycle().stop();
  CHECK(hanging.lines() == Lines{"plugin b: stop: did not end within 100 ms (server.start_timeout)"});
  CHECK(hanging.record.events().back() == "stop a");
  hanging.destroy();
  hanging.record.parked().resume();
}

TEST_CASE("an optional plugin that fails is left out, and the server is ready without it") {
  for (const Fault fault : {Fault::load, Fault::create, Fault::configure, Fault::start}) {
    Bench bench({{"a"}, {"b", fault, false}, {"c"}});
    REQUIRE(bench.lifecycle().start());
    CHECK(bench.lifecycle().ready());
    CHECK(bench.lines().size() == 1);
    CHECK(bench.states() == std::vector{State::running, State::failed, State::running});
    CHECK(bench.lifecycle().find({"b", 1}) == nullptr);
    CHECK(bench.lifecycle().find({"c", 1}) != nullptr);
    CHECK(bench.lifecycle().find_all({"http.routes", 1}).size() == 2);
  }
}

TEST_CASE("what requires a failed optional plugin fails with it, and a required one takes the start down") {
  Bench optional({{"a", Fault::start, false}, {"b", Fault::none, false, "a"}});
  CHECK(optional.lifecycle().start());
  CHECK(optional.lines() == Lines{"plugin a: start: nobody there", "plugin b: start: it requires a/1, and a, which provides it, failed"});
  Bench required({{"a", Fault::load, false}, {"b", Fault::none, true, "a"}});
  CHECK_FALSE(required.lifecycle().start());
  CHECK(required.lines() == Lines{"plugin a: pin: wrong hash", "plugin b: configure: it requires a/1, and a, which provides it, failed"});
}

TEST_CASE("config check goes as far as configure and comes back") {
  Bench bench({{"a"}});
  REQUIRE(bench.lifecycle().configure());
  CHECK_FALSE(bench.lifecycle().ready());
  bench.lifecycle().stop();
  CHECK(bench.record.events() == Lines{"load a", "create a", "configure a", "destroy a"});
}

TEST_CASE("a host gets the manifest, the settings and a finder of its plugin") {
  Bench bench({{"a"}, {"b"}});
  REQUIRE(bench.lifecycle().configure());
  CHECK(bench.hosts.sizes == std::map<std::string, std::int64_t>{{"a", 7}, {"b", 7}});
  CHECK(bench.hosts.finder->find({"a", 1}) != nullptr);
  CHECK(bench.hosts.finder->find({"a", 2}) == nullptr);
  CHECK(bench.hosts.finder->find({"http.routes", 1}) == nullptr);
  bench.lifecycle().stop();
  CHECK(bench.lifecycle().find({"a", 1}) == nullptr);
}

TEST_CASE("a plugin whose host cannot be made fails at create") {
  Bench bench({{"a"}});
  bench.hosts.refuse = "a";
  CHECK_FALSE(bench.lifecycle().start());
  CHECK(bench.lines() == Lines{"plugin a: create: the server could not make its host"});
}

TEST_CASE("a lifecycle that goes away stops what runs") {
  Bench bench({{"a"}});
  REQUIRE(bench.lifecycle().start());
  bench.destroy();
  CHECK(bench.record.events().back() == "destroy a");
}

TEST_CASE("a selected plugin that is not installed is named") {
  const std::vector<Package> packages;
  const Selection selection{{"ghost"}, {}};
  const CheckedSettings settings = test::plugin_settings({});
  FakeHosts hosts;
  IoThreadRunner io;
  Lifecycle lifecycle({packages, selection, settings, [](const Package&) { return LoadResult{}; }, hosts, io, 10s});
  CHECK_FALSE(lifecycle.start());
  CHECK(lifecycle.failures().front().line() == "plugin ghost: verify: is not installed");
}
