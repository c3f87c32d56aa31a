#pragma once
// Options of a browser that may reach the given page servers.

#include "browser.hpp"
#include "page_server.hpp"

namespace driftstack::browser_test {

template <class... Servers>
BrowserOptions allowing(const Servers&... servers) {
  BrowserOptions options;
  (options.egress_allow.push_back(servers.host_and_port()), ...);
  return options;
}

}  // namespace driftstack::browser_test
