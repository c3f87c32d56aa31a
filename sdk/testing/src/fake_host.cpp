#include "driftstack/testing/fake_host.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace driftstack::testing {

TemporaryDirectory::TemporaryDirectory() : path_(std::filesystem::temp_directory_path() / "driftstack-test-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp " + path_);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

FakeHost::FakeHost(MapSettings settings, std::uint32_t io_threads, std::uint32_t workers)
    : settings_(std::move(settings)), scheduler_(clock_, io_threads, workers) {}

void* FakeHost::find(InterfaceId id) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = interfaces_.find({std::string(id.name), id.revision});
  return found == interfaces_.end() ? nullptr : found->second;
}

void FakeHost::provide(InterfaceId id, void* implementation) {
  const std::lock_guard lock(mutex_);
  interfaces_[{std::string(id.name), id.revision}] = implementation;
}

CountingTick& FakeHost::worker(std::string_view name) {
  const std::lock_guard lock(mutex_);
  auto& tick = workers_[std::string(name)];
  if (!tick) tick = std::make_unique<CountingTick>();
  return *tick;
}

std::unique_ptr<Call> FakeHost::call(std::chrono::milliseconds limit, IoThread thread) {
  return std::make_unique<Call>("test-" + std::to_string(next_call_.fetch_add(1)), thread, clock_.steady() + limit);
}

}  // namespace driftstack::testing
