#pragma once
// The S3 simulator as a child process, and a store that talks to it through the server's own HTTP client.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "driftstack/testing/fake_host.hpp"
#include "kernel/runtime/outbound_http.hpp"
#include "s3_store.hpp"

namespace driftstack::storage_s3 {

inline constexpr const char* kAccessKey = "AKIDTEST";
inline constexpr const char* kSecret = "a-secret/with+signs=";

/// One process of tests/simulators/s3_server.py; ends with this object.
class S3Simulator {
 public:
  explicit S3Simulator(std::vector<std::string> more_arguments = {});
  ~S3Simulator();
  S3Simulator(const S3Simulator&) = delete;
  S3Simulator& operator=(const S3Simulator&) = delete;

  std::string place(const std::string& host = "127.0.0.1") const { return host + ":" + std::to_string(port_); }
  /// The one that all tests share which do not need another.
  static S3Simulator& shared();

 private:
  pid_t child_ = -1;
  int input_ = -1;  // closing it ends the simulator
  int port_ = 0;
};

/// A FakeHost with another way out.
class HostWithWayOut final : public Host {
 public:
  HostWithWayOut(testing::FakeHost& fake, OutboundHttp& http) : fake_(fake), http_(http) {}
  Scheduler& scheduler() noexcept override { return fake_.scheduler(); }
  Clock& clock() noexcept override { return fake_.clock(); }
  Log& log() noexcept override { return fake_.log(); }
  Metrics& metrics() noexcept override { return fake_.metrics(); }
  const Settings& settings() const noexcept override { return fake_.settings(); }
  Secrets& secrets() noexcept override { return fake_.secrets(); }
  OutboundHttp& outbound_http() noexcept override { return http_; }
  void* find(InterfaceId id) noexcept override { return fake_.find(id); }
  std::string data_directory() const override { return fake_.data_directory(); }
  std::string package_directory() const override { return fake_.package_directory(); }
  std::string public_url() const override { return fake_.public_url(); }
  WorkerTick& worker(std::string_view name) override { return fake_.worker(name); }

 private:
  testing::FakeHost& fake_;
  OutboundHttp& http_;
};

/// What a test may have otherwise.
struct WorldOptions {
  std::string secret = kSecret;
  Addressing addressing = Addressing::path;
  std::string bucket = "box";
  RetryPolicy retry{4, std::chrono::milliseconds(1), std::chrono::milliseconds(4)};
  S3Options store;
};

/// A store in a corner of the simulator's bucket that no other test uses; its clock shows the real time.
struct World {
  explicit World(WorldOptions options = {}, S3Simulator& simulator = S3Simulator::shared());
  Result<OutboundResponse> send(OutboundRequest request);
  /// Asks the simulator; `body` makes it a POST.
  std::string control(const std::string& what, const std::string& body = {});
  /// What requests of one operation were answered since this began; 0 for no answer.
  std::vector<int> statuses(const std::string& operation);

  S3Simulator& simulator;
  testing::FakeHost fake;
  kernel::CurlOutboundHttp http;  // the server's own, allowed to reach the simulator alone
  HostWithWayOut host;
  std::string prefix;
  S3Store store;

 private:
  std::size_t seen_ = 0;
};

}  // namespace driftstack::storage_s3
