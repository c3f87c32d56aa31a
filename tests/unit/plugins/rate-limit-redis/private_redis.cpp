#include "private_redis.hpp"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>

extern char** environ;

namespace driftstack::testing {
namespace {

constexpr std::chrono::seconds kStartLimit{30};  // only bounds a failure

std::uint16_t free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = bind(probe, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(probe);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

std::string text_of(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
  std::string text = reply.str == nullptr ? std::string() : std::string(reply.str, static_cast<std::size_t>(reply.len));
  for (std::size_t i = 0; i < reply.elements; ++i) text += text_of(*reply.element[i]) + "\n";
  return text;
}

}  // namespace

PrivateRedis::PrivateRedis(std::vector<std::string> options) : options_(std::move(options)) {
  const std::string path = directory_.path() + "/clock";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof(std::int64_t)) != 0) throw std::runtime_error("cannot make " + path);
  void* page = mmap(nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (page == MAP_FAILED) throw std::runtime_error("cannot map " + path);
  steered_clock_ = static_cast<std::int64_t*>(page);
  start();
}

PrivateRedis::~PrivateRedis() {
  kill();
  munmap(steered_clock_, sizeof(std::int64_t));
}

std::string PrivateRedis::url(const std::string& credentials, int database) const {
  return "redis://" + (credentials.empty() ? "" : credentials + "@") + "127.0.0.1:" + std::to_string(port_) + "/" +
         std::to_string(database);
}

// Somebody else may take the free port before Redis does, at the first start; later ones need the same port and wait for it.
void PrivateRedis::start() {
  const bool first = port_ == 0;
  const auto until = std::chrono::steady_clock::now() + kStartLimit;
  while (std::chrono::steady_clock::now() < until) {
    if (first) port_ = free_port();
    std::vector<std::string> words = {"setpriv",   "--pdeathsig",
                                      "KILL",      "redis-server",
                                      "--bind",    "127.0.0.1",
                                      "--dir",     directory_.path(),
                                      "--save",    "",
                                      "--logfile", directory_.path() + "/log"};
    if (std::find(options_.begin(), options_.end(), "--tls-port") == options_.end()) {
      words.insert(words.end(), {"--port", std::to_string(port_)});
    } else {
      words.insert(words.end(), {"--unixsocket", directory_.path() + "/socket", "--port", "0"});
    }
    for (const auto& option : options_) words.push_back(option == "PORT" ? std::to_string(port_) : option);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::string preload = "LD_PRELOAD=" DRIFTSTACK_STEERED_CLOCK, clock = "DRIFTSTACK_TEST_STEERED_CLOCK=" + directory_.path() + "/clock";
    std::vector<char*> environment = {preload.data(), clock.data()};
    for (char** one = environ; *one != nullptr; ++one) environment.push_back(*one);
    environment.push_back(nullptr);
    if (posix_spawnp(&process_, "setpriv", nullptr, nullptr, arguments.data(), environment.data()) != 0) break;
    while (std::chrono::steady_clock::now() < until && waitpid(process_, nullptr, WNOHANG) == 0) {
      if (answers()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ::kill(process_, SIGKILL);
    process_ = -1;
  }
  throw std::runtime_error("redis-server did not start; scripts/dependencies --test installs it");
}

void PrivateRedis::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

void PrivateRedis::freeze() {
  ::kill(process_, SIGSTOP);
  waitpid(process_, nullptr, WUNTRACED);
}

void PrivateRedis::thaw() { ::kill(process_, SIGCONT); }

bool PrivateRedis::answers() {
  try {
    (void)ask({"PING"});
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::string PrivateRedis::ask(const std::vector<std::string>& words) {
  const std::string socket = directory_.path() + "/socket";
  const bool tls = access(socket.c_str(), F_OK) == 0;
  const std::unique_ptr<redisContext, decltype(&redisFree)> context(
      tls ? redisConnectUnix(socket.c_str()) : redisConnect("127.0.0.1", port_), &redisFree);
  if (!context || context->err != 0) throw std::runtime_error("Redis does not answer");
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const auto& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  const std::unique_ptr<void, decltype(&freeReplyObject)> reply(
      redisCommandArgv(context.get(), static_cast<int>(texts.size()), texts.data(), sizes.data()), &freeReplyObject);
  if (!reply) throw std::runtime_error("Redis does not answer");
  return text_of(*static_cast<const redisReply*>(reply.get()));
}

void PrivateRedis::stop_clock_at(std::int64_t unix_micros) { *static_cast<volatile std::int64_t*>(steered_clock_) = unix_micros; }

}  // namespace driftstack::testing
