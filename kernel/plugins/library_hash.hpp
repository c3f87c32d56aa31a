#pragma once

#include <string>

#include "driftstack/result.hpp"
#include "kernel/plugins/descriptor.hpp"

namespace driftstack::kernel {

/// SHA-256 of the whole open file, in lower-case hex. Reads from the start and leaves the file's position alone.
Result<std::string> library_hash(const Descriptor& file);

}  // namespace driftstack::kernel
