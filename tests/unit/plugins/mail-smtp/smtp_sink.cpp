#include "smtp_sink.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace driftstack::mail_smtp {
namespace {

/// One line without its CRLF; false at the end.
bool read_line(int connection, std::string& buffer, std::string& line) {
  while (true) {
    if (const auto end = buffer.find("\r\n"); end != std::string::npos) {
      line = buffer.substr(0, end);
      buffer.erase(0, end + 2);
      return true;
    }
    char bytes[4096];
    const ssize_t got = ::recv(connection, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    buffer.append(bytes, static_cast<std::size_t>(got));
  }
}

bool say(int connection, const std::string& line) {
  const std::string bytes = line + "\r\n";
  return ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

}  // namespace

SmtpSink::SmtpSink() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, 8) != 0 || ::getsockname(listener_, any, &size) != 0) {
    throw std::runtime_error("no port for the mail server of a test");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

SmtpSink::~SmtpSink() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void SmtpSink::refuse(const std::string& command, const std::string& reply) {
  const std::lock_guard lock(mutex_);
  refusals_[command] = reply;
}

std::vector<std::string> SmtpSink::taken() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

std::vector<std::string> SmtpSink::commands() const {
  const std::lock_guard lock(mutex_);
  return commands_;
}

void SmtpSink::serve() {
  while (!stopping_) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    talk(connection);
    ::close(connection);
  }
}

std::string SmtpSink::reply_to(const std::string& command) {
  const std::lock_guard lock(mutex_);
  commands_.push_back(command);
  for (const auto& [start, reply] : refusals_) {
    if (command.starts_with(start)) return reply;
  }
  if (command == "DATA") return "354 go on";
  return command == "QUIT" ? "221 bye" : "250 fine";
}

void SmtpSink::talk(int connection) {
  std::string buffer, line;
  if (!say(connection, "220 sink")) return;
  while (read_line(connection, buffer, line)) {
    const std::string reply = reply_to(line);
    if (reply.empty() || !say(connection, reply)) return;
    if (!reply.starts_with("354")) continue;
    std::string message;
    while (read_line(connection, buffer, line) && line != ".") message += (line.starts_with('.') ? line.substr(1) : line) + "\r\n";
    const std::string verdict = reply_to("END");
    if (verdict.starts_with("250")) {
      const std::lock_guard lock(mutex_);
      taken_.push_back(message);
    }
    if (verdict.empty() || !say(connection, verdict)) return;
  }
}

}  // namespace driftstack::mail_smtp
