#include "kernel/plugins/lifecycle.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <utility>

#include "kernel/plugins/timed_task.hpp"

namespace driftstack::kernel {
namespace {

std::string after(std::chrono::milliseconds timeout) {
  return "did not end within " + std::to_string(timeout.count()) + " ms (server.start_timeout)";
}

/// Runs what may throw although it should not; what it threw becomes the reason.
template <typename F>
std::optional<std::string> thrown_by(F&& work) {
  try {
    work();
    return std::nullopt;
  } catch (const std::exception& error) {
    return std::string("threw: ") + error.what();
  } catch (...) {
    return "threw something that is no std::exception";
  }
}

}  // namespace

/// One plugin on its way. Members are declared so that the object goes before its host.
class Lifecycle::Slot {
 public:
  using State = PluginStatus::State;

  std::string name;
  const Package* package = nullptr;
  bool required = true;
  PluginMaker make;
  std::unique_ptr<PluginHost> host;
  std::unique_ptr<Plugin> object;
  /// Its task still runs; nothing of it may be touched again.
  bool abandoned = false;

  /// Null until created, after a failure and after destruction. [any-thread]
  Plugin* published() const {
    const std::lock_guard lock(mutex_);
    return state_ == State::failed ? nullptr : published_;
  }
  void publish(Plugin* plugin) {
    const std::lock_guard lock(mutex_);
    published_ = plugin;
  }
  void set_state(State state, std::string reason = {}) {
    const std::lock_guard lock(mutex_);
    state_ = state;
    reason_ = std::move(reason);
  }
  State state() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }
  /// [any-thread]
  PluginStatus status() const {
    const std::lock_guard lock(mutex_);
    return {name, required, state_, reason_};
  }

 private:
  mutable std::mutex mutex_;
  Plugin* published_ = nullptr;
  State state_ = State::waiting;
  std::string reason_;
};

Lifecycle::Lifecycle(LifecycleParts parts) : parts_(std::move(parts)) {
  const auto& tables = parts_.settings.table("plugins").tables();
  for (const std::string& name : parts_.selection.order) {
    auto slot = std::make_unique<Slot>();
    slot->name = name;
    const auto package =
        std::find_if(parts_.packages.begin(), parts_.packages.end(), [&name](const Package& known) { return known.name == name; });
    slot->package = package == parts_.packages.end() ? nullptr : &*package;
    const auto table = tables.find(name);
    slot->required = table == tables.end() || !table->second.has("required") || table->second.boolean("required");
    slots_.push_back(std::move(slot));
  }
}

Lifecycle::~Lifecycle() {
  stop();
  if (!has_abandoned()) return;
  // A task that hung may still use its plugin, and that the plugins it requires. They stay reachable from here, so that a leak checker
  // knows that they are kept on purpose.
  static std::vector<Slot*>* const kKept = std::make_unique<std::vector<Slot*>>().release();
  for (std::unique_ptr<Slot>& slot : slots_) kKept->push_back(slot.release());
}

void Lifecycle::fail(Slot& slot, PluginStep step, std::string reason) {
  failures_.push_back({slot.name, step, std::move(reason)});
  slot.set_state(PluginStatus::State::failed, failures_.back().line());
}

const Lifecycle::Slot* Lifecycle::find_slot(const std::string& name) const {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [&name](const auto& slot) { return slot->name == name; });
  return found == slots_.end() ? nullptr : found->get();
}

/// True when a plugin that this one requires has failed.
bool Lifecycle::requirement_failed(const Slot& slot, std::string& reason) const {
  if (slot.package == nullptr || !slot.package->manifest) return false;
  for (const InterfaceName& interface : slot.package->manifest->required_interfaces) {
    const auto provider = parts_.selection.providers.find(interface.text());
    if (provider == parts_.selection.providers.end()) continue;
    const Slot* other = find_slot(provider->second);
    if (other == nullptr || other->state() != PluginStatus::State::failed) continue;
    reason = "it requires " + interface.text() + ", and " + other->name + ", which provides it, failed";
    return true;
  }
  return false;
}

/// Takes every plugin that is still in the race through one step, in dependency order. False when a required one failed.
bool Lifecycle::run_step(Step step) {
  for (std::unique_ptr<Slot>& slot : slots_) {
    if (slot->state() == PluginStatus::State::failed) continue;
    if ((this->*step)(*slot) || !slot->required) continue;
    return false;
  }
  return true;
}

bool Lifecycle::load(Slot& slot) {
  if (slot.package == nullptr) {
    fail(slot, PluginStep::verify, "is not installed");
    return false;
  }
  LoadResult result = parts_.load(*slot.package);
  if (result.failure) {
    fail(slot, result.failure->step, result.failure->reason);
    return false;
  }
  slot.make = std::move(result.make);
  return true;
}

bool Lifecycle::create(Slot& slot) {
  static const CheckedSettings kNoSettings;
  const auto& tables = parts_.settings.table("plugins").tables();
  const auto table = tables.find(slot.name);
  const HostSeed seed{*slot.package->manifest, slot.package->folder, table == tables.end() ? kNoSettings : table->second, *this};
  const auto thrown = thrown_by([&] {
    slot.host = parts_.hosts.create(seed);
    if (slot.host != nullptr) slot.object = slot.make(slot.host->host());
  });
  if (thrown) {
    fail(slot, PluginStep::create, *thrown);
  } else if (slot.host == nullptr) {
    fail(slot, PluginStep::create, "the server could not make its host");
  } else if (slot.object == nullptr) {
    fail(slot, PluginStep::create, "its constructor threw");
  }
  slot.publish(slot.object.get());
  return slot.state() != PluginStatus::State::failed;
}

bool Lifecycle::configure_one(Slot& slot) {
  std::string reason;
  if (requirement_failed(slot, reason)) {
    fail(slot, PluginStep::configure, std::move(reason));
    return false;
  }
  std::optional<Error> error;
  const auto thrown = thrown_by([&] {
    const Result<> result = slot.object->configure();
    if (!result) error = result.error();
  });
  if (thrown) fail(slot, PluginStep::configure, *thrown);
  if (error) fail(slot, PluginStep::configure, error->detail);
  return slot.state() != PluginStatus::State::failed;
}

bool Lifecycle::start_one(Slot& slot) {
  std::string reason;
  if (requirement_failed(slot, reason)) {
    fail(slot, PluginStep::start, std::move(reason));
    return false;
  }
  Plugin* plugin = slot.object.get();
  const auto result = run_with_timeout(
      parts_.io, [plugin] { return plugin->start(); }, parts_.step_timeout);
  if (!result) {
    slot.abandoned = true;
    fail(slot, PluginStep::start, after(parts_.step_timeout));
  } else if (!*result) {
    fail(slot, PluginStep::start, result->error().detail);
  } else {
    slot.set_state(PluginStatus::State::running);
  }
  return slot.state() == PluginStatus::State::running;
}

void Lifecycle::stop_one(Slot& slot) {
  if (slot.state() != PluginStatus::State::running) return;
  Plugin* plugin = slot.object.get();
  const auto result = run_with_timeout(
      parts_.io, [plugin] { return plugin->stop(); }, parts_.step_timeout);
  slot.set_state(PluginStatus::State::stopped);
  if (!result) {
    slot.abandoned = true;
    fail(slot, PluginStep::stop, after(parts_.step_timeout));
  } else if (!*result) {
    fail(slot, PluginStep::stop, result->error().detail);
  }
}

/// A plugin that hung may still call those that it requires, so these stay alive too.
void Lifecycle::destroy_all() {
  const bool keep = has_abandoned();
  for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) {
    (*slot)->publish(nullptr);
    if (keep) (*slot)->abandoned = true;
    if ((*slot)->abandoned) continue;
    (*slot)->object.reset();
    (*slot)->host.reset();
  }
}

bool Lifecycle::configure() {
  configured_ = run_step(&Lifecycle::load) && run_step(&Lifecycle::create) && run_step(&Lifecycle::configure_one);
  if (!configured_) stop();
  return configured_;
}

bool Lifecycle::start() {
  if (!configured_ && !configure()) return false;
  if (run_step(&Lifecycle::start_one)) return true;
  stop();
  return false;
}

void Lifecycle::stop() {
  for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) stop_one(**slot);
  destroy_all();
  configured_ = false;
}

bool Lifecycle::has_abandoned() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const auto& slot) { return slot->abandoned; });
}

std::vector<PluginStatus> Lifecycle::statuses() const {
  std::vector<PluginStatus> out;
  for (const auto& slot : slots_) out.push_back(slot->status());
  return out;
}

bool Lifecycle::ready() const {
  return std::all_of(slots_.begin(), slots_.end(),
                     [](const auto& slot) { return !slot->required || slot->state() == PluginStatus::State::running; });
}

void* Lifecycle::find(InterfaceId id) noexcept {
  const auto provider = parts_.selection.providers.find(InterfaceName{std::string(id.name), id.revision}.text());
  if (provider == parts_.selection.providers.end()) return nullptr;
  const Slot* slot = find_slot(provider->second);
  Plugin* object = slot == nullptr ? nullptr : slot->published();
  return object == nullptr ? nullptr : object->provide(id);
}

std::vector<Lifecycle::Provider> Lifecycle::find_all(InterfaceId id) const {
  std::vector<Provider> out;
  for (const auto& slot : slots_) {
    Plugin* object = slot->published();
    if (object == nullptr || slot->state() != PluginStatus::State::running || slot->package == nullptr) continue;
    if (!slot->package->manifest->provides_interface({std::string(id.name), id.revision})) continue;
    if (void* interface = object->provide(id)) out.push_back({slot->name, interface});
  }
  return out;
}

}  // namespace driftstack::kernel
