#pragma once
// A redis-server of a test's own, on the loopback address; it dies with the test.

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "driftstack/testing/fake_host.hpp"

namespace driftstack::testing {

class PrivateRedis {
 public:
  /// `options` as on redis-server's command line: `{"--requirepass", "secret"}`. Throws std::runtime_error when it does not come up.
  explicit PrivateRedis(std::vector<std::string> options = {});
  ~PrivateRedis();
  PrivateRedis(const PrivateRedis&) = delete;
  PrivateRedis& operator=(const PrivateRedis&) = delete;

  /// `redis://[credentials@]127.0.0.1:<port>/<database>`.
  std::string url(const std::string& credentials = "", int database = 0) const;
  std::uint16_t port() const noexcept { return port_; }

  /// Like a power cut: what it held is gone.
  void kill();
  /// Comes back at the same port.
  void start();
  /// Holds its connections and answers nothing, until thaw().
  void freeze();
  void thaw();

  /// One command of an operator beside the plugin; errors as text, arrays as lines.
  std::string ask(const std::vector<std::string>& words);
  /// Stops its clock at this time; zero lets it run again.
  void stop_clock_at(std::int64_t unix_micros);

 private:
  bool answers();

  TemporaryDirectory directory_;
  std::vector<std::string> options_;
  std::int64_t* steered_clock_ = nullptr;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace driftstack::testing
