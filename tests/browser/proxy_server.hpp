#pragma once
// A customer's proxy, SOCKS 5 or HTTP, on 127.0.0.1 and a free port. It knows names that nobody else knows.

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "driftstack/roles/browser_backend.hpp"

namespace driftstack::browser_test {

using Credentials = std::pair<std::string, std::string>;

class ProxyServer {
 public:
  explicit ProxyServer(browser::ProxyScheme scheme, std::optional<Credentials> wants = std::nullopt);
  ~ProxyServer();
  ProxyServer(const ProxyServer&) = delete;
  ProxyServer& operator=(const ProxyServer&) = delete;

  /// Connections to that name go to a port on loopback.
  void knows(std::string host, std::uint16_t port);
  /// From now on connections are taken and ended.
  void break_down() { broken_ = true; }
  std::string host_and_port() const { return "127.0.0.1:" + std::to_string(port_); }
  /// What a customer would have saved.
  browser::Proxy proxy(std::optional<Credentials> credentials = std::nullopt) const;
  /// Hosts that it was asked for.
  std::vector<std::string> asked() const;

 private:
  struct Target {
    std::string host;
    bool permitted = false;
  };
  void run();
  void serve(int client);
  std::optional<Target> read_socks(int client) const;
  std::optional<Target> read_http(int client) const;

  browser::ProxyScheme scheme_;
  std::optional<Credentials> wants_;
  int listener_;
  int wake_;
  std::uint16_t port_ = 0;
  std::atomic<bool> broken_{false};
  mutable std::mutex mutex_;
  std::map<std::string, std::uint16_t> names_;
  std::vector<std::string> asked_;
  std::thread acceptor_;
  std::vector<std::thread> workers_;
};

}  // namespace driftstack::browser_test
