#include "s3_simulator.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>

#include "driftstack/support/json.hpp"

namespace driftstack::storage_s3 {
namespace {

std::string new_corner() {
  static std::atomic<int> number{0};
  return "corner-" + std::to_string(++number) + "/";
}

std::int64_t real_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

S3Store make_store(Host& host, const WorldOptions& options, const S3Simulator& simulator, const std::string& prefix) {
  const std::string place = options.addressing == Addressing::host ? simulator.place("localhost") : simulator.place();
  auto address = BucketAddress::parse("http://" + place, options.bucket, options.addressing);
  REQUIRE(address);
  SignatureV4 signer(kAccessKey, SecretText(options.secret), "us-east-1");
  S3Options store = options.store;
  store.prefix = prefix;
  return {host, S3Client(host, *address, std::move(signer), options.retry), *address, std::move(store)};
}

kernel::EgressPolicy only(const S3Simulator& simulator) {
  kernel::EgressPolicy policy;
  policy.private_targets = {simulator.place(), simulator.place("box.localhost")};
  return policy;
}

}  // namespace

S3Simulator::S3Simulator(std::vector<std::string> more_arguments) {
  std::vector<std::string> arguments{"/usr/bin/python3", DRIFTSTACK_S3_SIMULATOR, "--access-key", kAccessKey, "--secret", kSecret};
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  std::array<int, 2> in{}, out{};
  REQUIRE(::pipe2(in.data(), O_CLOEXEC) == 0);
  REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  const int spawned = ::posix_spawn(&child_, pointers[0], &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  input_ = in[1];
  REQUIRE(spawned == 0);
  std::string line;
  for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';) line += c;
  ::close(out[0]);
  REQUIRE_FALSE(line.empty());
  port_ = std::stoi(line);
}

S3Simulator::~S3Simulator() {
  ::close(input_);
  ::waitpid(child_, nullptr, 0);
}

S3Simulator& S3Simulator::shared() {
  static S3Simulator simulator({"--require-encryption"});
  return simulator;
}

World::World(WorldOptions options, S3Simulator& simulator)
    : simulator(simulator),
      http(fake.scheduler(), only(simulator)),
      host(fake, http),
      prefix(new_corner()),
      store(make_store(host, options, simulator, prefix)) {
  fake.clock().set_unix_micros(real_micros());
  const auto seen = wire::Json::parse(control("requests"));
  REQUIRE(seen);
  seen_ = seen->view().elements().size();
}

Result<OutboundResponse> World::send(OutboundRequest request) {
  const auto call = fake.call();
  return testing::run(fake, host.outbound_http().send(*call, std::move(request)));
}

std::string World::control(const std::string& what, const std::string& body) {
  OutboundRequest request(body.empty() ? "GET" : "POST", "http://" + simulator.place() + "/_simulator/" + what);
  request.body = body;
  const auto answer = send(std::move(request));
  REQUIRE(answer);
  REQUIRE(answer->status == 200);
  return answer->body;
}

std::vector<int> World::statuses(const std::string& operation) {
  const auto all = wire::Json::parse(control("requests"));
  REQUIRE(all);
  const auto elements = all->view().elements();
  std::vector<int> statuses;
  for (std::size_t i = seen_; i < elements.size(); ++i) {
    if (elements[i].find("operation")->as_text() != operation) continue;
    statuses.push_back(static_cast<int>(elements[i].find("status")->as_int().value_or(0)));
  }
  return statuses;
}

}  // namespace driftstack::storage_s3
