#include "link_socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

#include "driftstack/support/secret_text.hpp"

namespace driftstack::rate_limit_redis {

std::vector<Endpoint> look_up(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::vector<Endpoint> endpoints;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) return endpoints;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    Endpoint& endpoint = endpoints.emplace_back();
    endpoint.size = std::min<socklen_t>(one->ai_addrlen, sizeof endpoint.address);
    std::memcpy(&endpoint.address, one->ai_addr, endpoint.size);
    endpoint.family = one->ai_family;
  }
  freeaddrinfo(found);
  return endpoints;
}

bool LinkSocket::begin(const Endpoint& to) {
  close();
  descriptor_ = socket(to.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) return false;
  const int on = 1;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&to.address), to.size) != 0 && errno != EINPROGRESS) {
    const int error = errno;
    close();
    errno = error;
    return false;
  }
  watch_ = scheduler_.watch(descriptor_, handler_);
  watch_->set_interest(Readiness::writable);
  return true;
}

int LinkSocket::connected() noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) watch_->set_interest(Readiness::readable);
  return error;
}

void LinkSocket::close() noexcept {
  watch_.reset();
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  wipe(outgoing_.data(), outgoing_.size());  // it may begin with a password
  outgoing_.clear();
  sent_ = 0;
}

LinkSocket::Read LinkSocket::read(std::string& into) {
  std::array<char, 16384> part;
  const ssize_t got = recv(descriptor_, part.data(), part.size(), 0);
  if (got > 0) {
    into.append(part.data(), static_cast<std::size_t>(got));
    return Read::some;
  }
  return got < 0 && (errno == EAGAIN || errno == EINTR) ? Read::nothing_yet : Read::ended;
}

bool LinkSocket::flush() {
  while (sent_ < outgoing_.size()) {
    const ssize_t gone = send(descriptor_, outgoing_.data() + sent_, outgoing_.size() - sent_, MSG_NOSIGNAL);
    if (gone < 0 && errno == EINTR) continue;
    if (gone < 0 && errno == EAGAIN) {
      watch_->set_interest(Readiness::both);
      return true;
    }
    if (gone < 0) return false;
    sent_ += static_cast<std::size_t>(gone);
  }
  outgoing_.clear();
  sent_ = 0;
  watch_->set_interest(Readiness::readable);
  return true;
}

LinkTimer::LinkTimer(Scheduler& scheduler, ReadinessHandler& handler)
    : descriptor_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
  watch_ = scheduler.watch(descriptor_, handler);
  watch_->set_interest(Readiness::readable);
}

LinkTimer::~LinkTimer() {
  watch_.reset();
  close(descriptor_);
}

void LinkTimer::arm(std::chrono::nanoseconds after) noexcept {
  const auto nanos = std::max<std::int64_t>(1, after.count());  // zero would disarm
  itimerspec when{};
  when.it_value.tv_sec = static_cast<time_t>(nanos / 1'000'000'000);
  when.it_value.tv_nsec = static_cast<long>(nanos % 1'000'000'000);
  armed_ = timerfd_settime(descriptor_, 0, &when, nullptr) == 0;
}

void LinkTimer::disarm() noexcept {
  const itimerspec never{};
  timerfd_settime(descriptor_, 0, &never, nullptr);
  armed_ = false;
}

bool LinkTimer::fired() noexcept {
  std::uint64_t times = 0;
  if (read(descriptor_, &times, sizeof times) != static_cast<ssize_t>(sizeof times)) return false;
  armed_ = false;
  return true;
}

}  // namespace driftstack::rate_limit_redis
