#include "page_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

namespace driftstack::browser_test {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

PageRequest parse(const std::string& head) {
  PageRequest request;
  const std::size_t method_end = head.find(' ');
  const std::size_t target_end = head.find(' ', method_end + 1);
  request.method = head.substr(0, method_end);
  const std::string target = head.substr(method_end + 1, target_end - method_end - 1);
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = target.substr(question + 1);
  for (std::size_t at = head.find("\r\n"); at != std::string::npos;) {
    const std::size_t begin = at + 2, end = head.find("\r\n", begin);
    const std::string line = head.substr(begin, end - begin);
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) request.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
    at = end;
  }
  return request;
}

bool receive_until(int connection, std::string& buffer, std::size_t size) {
  std::array<char, 8192> part;
  while (buffer.size() < size) {
    const ssize_t got = recv(connection, part.data(), part.size(), 0);
    if (got <= 0) return false;
    buffer.append(part.data(), static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace

PageServer::PageServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), wake_(eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, SOMAXCONN) != 0 || getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the page server cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { run(); });
}

PageServer::~PageServer() {
  eventfd_write(wake_, 1);
  acceptor_.join();
  for (std::thread& worker : workers_) worker.join();
  close(listener_);
  close(wake_);
}

void PageServer::page(std::string path, std::string html) {
  page(std::move(path), [html = std::move(html)](const PageRequest&) { return PageAnswer(html); });
}

void PageServer::page(std::string path, Handler handler) {
  const std::lock_guard lock(mutex_);
  pages_[std::move(path)] = std::move(handler);
}

void PageServer::redirect(std::string path, std::string location) {
  page(std::move(path), [location = std::move(location)](const PageRequest&) {
    PageAnswer answer;
    answer.status = 302;
    answer.headers.push_back("Location: " + location);
    return answer;
  });
}

std::vector<PageRequest> PageServer::requests(std::string_view path) const {
  const std::lock_guard lock(mutex_);
  std::vector<PageRequest> found;
  std::copy_if(requests_.begin(), requests_.end(), std::back_inserter(found), [&](const PageRequest& r) { return r.path == path; });
  return found;
}

void PageServer::run() {
  for (;;) {
    std::array<pollfd, 2> wanted{{{listener_, POLLIN, 0}, {wake_, POLLIN, 0}}};
    if (poll(wanted.data(), wanted.size(), -1) < 0) continue;
    if (wanted[1].revents != 0) return;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    ++connections_;
    workers_.emplace_back([this, connection] {
      serve(connection);
      close(connection);
    });
  }
}

void PageServer::serve(int connection) {
  std::string buffer;
  std::size_t head_end = std::string::npos;
  while (head_end == std::string::npos) {
    if (!receive_until(connection, buffer, buffer.size() + 1)) return;
    if (buffer.front() < 'A' || buffer.front() > 'Z') return;  // no HTTP, a TLS greeting for example
    head_end = buffer.find("\r\n\r\n");
  }
  PageRequest request = parse(buffer.substr(0, head_end + 2));
  const auto length = request.headers.find("content-length");
  const std::size_t body_size = length == request.headers.end() ? 0 : std::stoul(length->second);
  if (!receive_until(connection, buffer, head_end + 4 + body_size)) return;
  request.body = buffer.substr(head_end + 4, body_size);
  const PageAnswer answer = answer_for(request);
  if (answer.delay.count() > 0) {  // a slow server, given up as soon as the test ends
    pollfd wake{wake_, POLLIN, 0};
    poll(&wake, 1, static_cast<int>(answer.delay.count()));
  }
  std::string text =
      "HTTP/1.1 " + std::to_string(answer.status) + " Answer\r\nConnection: close\r\nContent-Type: " + answer.content_type + "\r\n";
  for (const std::string& header : answer.headers) text += header + "\r\n";
  text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
  send(connection, text.data(), text.size(), MSG_NOSIGNAL);
}

PageAnswer PageServer::answer_for(const PageRequest& request) {
  Handler handler;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    const auto at = pages_.find(request.path);
    if (at != pages_.end()) handler = at->second;
  }
  if (handler) return handler(request);
  PageAnswer missing("<h1>not here</h1>");
  missing.status = 404;
  return missing;
}

}  // namespace driftstack::browser_test
