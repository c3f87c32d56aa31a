#pragma once

#include <string>
#include <vector>

#include "driftstack/abi.hpp"
#include "driftstack/result.hpp"

namespace driftstack::kernel {

/// Reads the build note of a plugin's library from its open file. Nothing of the library runs: the ELF headers and notes are read as data,
/// every offset is checked against the file. The error's detail is the reason, for a person.
Result<BuildFacts> read_build_facts(int descriptor);

/// Every difference that makes the plugin unfit for the host, each as `field: plugin X, host Y`; empty when they fit. The SDK's major
/// version must be equal and the plugin's minor not above the host's (equal while the major is 0); all other facts must be equal.
std::vector<std::string> build_differences(const BuildFacts& plugin, const BuildFacts& host);

}  // namespace driftstack::kernel
