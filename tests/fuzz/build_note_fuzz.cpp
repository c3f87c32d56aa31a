// Any bytes as a plugin's library: the reader of its build note answers facts or a reason, and never reads outside of the file.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "kernel/plugins/build_facts.hpp"
#include "kernel/plugins/descriptor.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const driftstack::kernel::Descriptor file(::memfd_create("fuzz", MFD_CLOEXEC));
  if (::write(file.get(), data, size) != static_cast<ssize_t>(size)) std::abort();
  const auto facts = driftstack::kernel::read_build_facts(file.get());
  if (!facts && facts.error().detail.empty()) std::abort();
  if (facts) (void)driftstack::kernel::build_differences(*facts, driftstack::build_facts());
  return 0;
}
