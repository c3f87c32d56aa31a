#include "egress/resolver.hpp"

#include <netdb.h>

#include <utility>

namespace driftstack::browser_webkit {
namespace {
// A name server that is silent holds one thread for its time limit. One session asks for a few names at a time (connection.cpp), so it
// takes several hostile ones to make the others wait.
constexpr std::size_t kMostThreads = 32;
}  // namespace

Resolver::Resolver(LoopThread& loop, Lookup lookup) : loop_(loop), lookup_(std::move(lookup)) {}

void Resolver::stop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    questions_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Resolver::resolve(std::string host, std::function<void(Addresses)> tell) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    questions_.push_back(Question{std::move(host), std::move(tell)});
    if (questions_.size() > idle_ && threads_.size() < kMostThreads) threads_.emplace_back([this] { run(); });
  }
  changed_.notify_one();
}

void Resolver::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return ending_ || !questions_.empty(); });
    --idle_;
    if (ending_) return;
    Question question = std::move(questions_.front());
    questions_.pop_front();
    lock.unlock();
    loop_.post([tell = std::move(question.tell), found = lookup_(question.host)] { tell(found); });
    lock.lock();
  }
}

Addresses Resolver::system_lookup(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  Addresses addresses;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    if (const auto address = address_of(*at->ai_addr)) addresses.push_back(*address);
  }
  freeaddrinfo(found);
  return addresses;
}

}  // namespace driftstack::browser_webkit
