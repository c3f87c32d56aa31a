#pragma once
// A plugin: one class, one macro.
//
//   class Hello final : public driftstack::Plugin { ... };
//   DRIFTSTACK_PLUGIN(Hello)

#include "driftstack/abi.hpp"
#include "driftstack/host.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {

/// Life: constructed, configure(), start(), provide() as often as asked, stop(), destroyed. All plugins configure before any starts; a
/// plugin starts after those that it requires and stops before them. Frozen once released.
class Plugin {
 public:
  virtual ~Plugin() = default;
  /// Reads settings and checks them. No input or output, no threads. [main-thread]
  virtual Result<> configure() = 0;
  /// Opens what it needs. Required interfaces work already. [io-thread]
  virtual AsyncResult<> start() = 0;
  /// Ends its work: no task of this plugin runs once it completed. Called once, only after a start() that succeeded. [io-thread]
  virtual AsyncResult<> stop() = 0;
  /// The interface with this id, or null. The manifest's `provides` lists the ids. Owned by the plugin. [any-thread]
  virtual void* provide(InterfaceId id) noexcept = 0;
};

}  // namespace v1
}  // namespace driftstack

/// Defines the entry symbol and the build note. Once per plugin, in one source file, outside of any namespace.
#define DRIFTSTACK_PLUGIN(Type)                                                                                \
  extern "C" __attribute__((visibility("default"), used)) ::driftstack::Plugin* driftstack_plugin_create_v1(   \
      ::driftstack::Host* host) noexcept {                                                                     \
    try {                                                                                                      \
      return new Type(*host);                                                                                  \
    } catch (...) {                                                                                            \
      return nullptr;                                                                                          \
    }                                                                                                          \
  }                                                                                                            \
  extern "C" __attribute__((section(".note.driftstack.plugin"), used,                                          \
                            aligned(4))) constinit const ::driftstack::BuildNote driftstack_plugin_note_v1 = { \
      ::driftstack::kNoteNameSize, sizeof(::driftstack::BuildFacts), ::driftstack::kNoteType, "driftstack", ::driftstack::build_facts()};
