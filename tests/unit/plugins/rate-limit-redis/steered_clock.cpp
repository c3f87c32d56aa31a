// Preloaded into a redis-server of the tests: its wall clock shows what a test writes into a file, or the time of day while that is zero.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

const volatile std::int64_t* steered_micros() {
  const char* path = std::getenv("DRIFTSTACK_TEST_STEERED_CLOCK");
  const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return nullptr;
  void* page = mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  return page == MAP_FAILED ? nullptr : static_cast<const volatile std::int64_t*>(page);
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int gettimeofday(struct timeval* time, void*) noexcept {
  static const volatile std::int64_t* const steered = steered_micros();
  constexpr std::int64_t kMicrosPerSecond = 1'000'000;
  if (const std::int64_t micros = steered == nullptr ? 0 : *steered; micros != 0) {
    time->tv_sec = micros / kMicrosPerSecond;
    time->tv_usec = micros % kMicrosPerSecond;
    return 0;
  }
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}
