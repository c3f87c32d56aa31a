#include "kernel/plugins/loader.hpp"

#include <dlfcn.h>

#include <exception>
#include <string_view>
#include <utility>

#include "kernel/plugins/build_facts.hpp"
#include "kernel/plugins/library_hash.hpp"
#include "kernel/plugins/trusted_path.hpp"

namespace driftstack::kernel {
namespace {

LoadResult fail(const Package& package, PluginStep step, std::string reason) {
  return {nullptr, PluginFailure{package.name, step, std::move(reason)}};
}

std::string library_name(const Package& package) { return "lib" + package.name + ".so"; }

Result<Descriptor> open_library(const Package& package, uid_t user) {
  const auto folder = open_trusted_folder(package.folder, user);
  if (!folder) return folder.error();
  return open_trusted_file(*folder, package.folder, library_name(package), user);
}

/// Empty when the hash is pinned and equal.
std::string pin_problem(const Package& package, const std::string& hash, const Pins& pins) {
  const auto pin = pins.find(package.name);
  if (pin == pins.end()) {
    return "no hash is pinned for it, so nobody vouches for this file; when " + hash +
           " is the one that you mean, run: driftstack plugin pin " + package.name;
  }
  if (pin->second.sha256 != hash) {
    return "its SHA-256 is " + hash + ", but " + pin->second.place + " pins " + pin->second.sha256 +
           "; install the right file, or pin this one";
  }
  if (!package.manifest->sha256.empty() && package.manifest->sha256 != hash) {
    return "its SHA-256 is " + hash + ", but its plugin.toml says " + package.manifest->sha256 + "; the two are not from one release";
  }
  return {};
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
  return out;
}

/// Empty when the library was built for this server, and for the SDK that its manifest names.
std::string facts_problem(const Package& package, const BuildFacts& facts, const BuildFacts& host) {
  const auto differences = build_differences(facts, host);
  if (!differences.empty()) return "not built for this server: " + joined(differences);
  if (facts.sdk_major == package.manifest->sdk_major && facts.sdk_minor == package.manifest->sdk_minor) return {};
  const auto version = [](unsigned major, unsigned minor) { return std::to_string(major) + "." + std::to_string(minor); };
  return "its plugin.toml says sdk " + version(package.manifest->sdk_major, package.manifest->sdk_minor) +
         ", but the library was built with " + version(facts.sdk_major, facts.sdk_minor);
}

/// dlerror() speaks of /proc/self/fd/N; the operator knows the file by its name.
std::string dl_reason(int descriptor, const std::string& name) {
  const char* text = ::dlerror();
  std::string reason = text == nullptr ? "unknown reason" : text;
  const std::string opened = "/proc/self/fd/" + std::to_string(descriptor);
  for (std::size_t at = reason.find(opened); at != std::string::npos; at = reason.find(opened, at + name.size()))
    reason.replace(at, opened.size(), name);
  return reason;
}

LoadResult map_library(const Package& package, Descriptor library) {
  using Entry = Plugin* (*)(Host*);
  const std::string path = "/proc/self/fd/" + std::to_string(library.get());
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return fail(package, PluginStep::load, dl_reason(library.get(), library_name(package)));
  library.release();  // stays open on purpose, see load_library
  void* symbol = ::dlsym(handle, kEntrySymbol);
  if (symbol == nullptr) {
    return fail(package, PluginStep::load,
                std::string("has no entry symbol ") + kEntrySymbol + "; its source needs DRIFTSTACK_PLUGIN(Type) once");
  }
  const auto entry = reinterpret_cast<Entry>(symbol);
  return {[entry](Host& host) { return std::unique_ptr<Plugin>(entry(&host)); }, std::nullopt};
}

}  // namespace

LoadResult load_library(const Package& package, const Pins& pins, const LoadRules& rules) {
  if (package.failure) return {nullptr, package.failure};
  auto library = open_library(package, rules.user);
  if (!library) return fail(package, PluginStep::verify, library.error().detail);
  const auto hash = library_hash(*library);
  if (!hash) return fail(package, PluginStep::verify, hash.error().detail);
  if (std::string problem = pin_problem(package, *hash, pins); !problem.empty()) return fail(package, PluginStep::pin, std::move(problem));
  const auto facts = read_build_facts(library->get());
  if (!facts) return fail(package, PluginStep::build_facts, library_name(package) + " " + facts.error().detail);
  if (std::string problem = facts_problem(package, *facts, rules.host); !problem.empty()) {
    return fail(package, PluginStep::build_facts, std::move(problem));
  }
  return map_library(package, std::move(*library));
}

Result<std::string> package_hash(const Package& package, uid_t user) {
  if (package.failure) return Error(Errc::forbidden, package.failure->line());
  const auto library = open_library(package, user);
  if (!library) return library.error();
  return library_hash(*library);
}

}  // namespace driftstack::kernel
