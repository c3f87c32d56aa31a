#pragma once
// A client that sends what it is told and shows what comes back.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace driftstack::kernel {

class TestClient {
 public:
  explicit TestClient(std::uint16_t port, int receive_buffer = 0);
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  /// False when the server closed.
  bool send(std::string_view text);
  void end_sending();
  /// One answer with its head and body (content-length or chunked); empty when the connection ended first.
  std::string answer();
  /// Everything until the connection ends.
  std::string rest();
  /// Everything until `text` was seen.
  std::string until(std::string_view text);
  /// True when the connection ended within the time of a test and nothing came before.
  bool ended();

  static int status(std::string_view answer);
  static std::string body(std::string_view answer);

 private:
  bool receive();
  int socket_;
  std::string received_;
};

}  // namespace driftstack::kernel
