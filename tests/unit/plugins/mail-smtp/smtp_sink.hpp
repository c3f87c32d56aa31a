#pragma once
// A mail server on the loopback address that takes everything, in the clear. What real servers do with TLS and sign-in is tested on the
// wire.

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace driftstack::mail_smtp {

class SmtpSink {
 public:
  SmtpSink();
  ~SmtpSink();
  SmtpSink(const SmtpSink&) = delete;
  SmtpSink& operator=(const SmtpSink&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// The next commands that start so are answered so: `refuse("RCPT", "550 5.1.1 no such user")`. Empty: the connection is cut.
  void refuse(const std::string& command, const std::string& reply);
  /// The messages that were taken, with CRLF and without the stuffing of dots.
  std::vector<std::string> taken() const;
  /// Every command so far.
  std::vector<std::string> commands() const;

 private:
  void serve();
  void talk(int connection);
  std::string reply_to(const std::string& command);

  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> refusals_;
  std::vector<std::string> taken_, commands_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace driftstack::mail_smtp
