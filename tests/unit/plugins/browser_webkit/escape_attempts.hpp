#pragma once
// What a session process that an attacker took over could try, as plain system calls.

#include <cstdint>
#include <string>
#include <vector>

namespace driftstack::browser_webkit::test {

/// Names of the attempts that got somewhere. `port`: somebody listens there on the machine's 127.0.0.1. `secret`: a file of the server.
/// `directory`: the session's own.
std::vector<std::string> escape(std::uint16_t port, const std::string& secret, const std::string& directory);

}  // namespace driftstack::browser_webkit::test
