#include "kernel/runtime/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "kernel/runtime/json_line.hpp"

using namespace driftstack;
using driftstack::kernel::ComponentLog;
using driftstack::kernel::JsonLog;

namespace {

class FixedClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point steady() const noexcept override { return {}; }
  std::int64_t unix_micros() const noexcept override { return 1'767'225'599'000'042; }  // 2025-12-31T23:59:59.000042Z
};

// A pipe with its reading side.
struct Pipe {
  Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC) == 0); }
  ~Pipe() {
    ::close(ends[0]);
    close_write();
  }
  void close_write() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }
  std::string read_all() {
    close_write();
    std::string all(1 << 20, '\0');
    std::size_t size = 0;
    for (ssize_t got = 1; got > 0; size += static_cast<std::size_t>(got)) got = ::read(ends[0], all.data() + size, all.size() - size);
    all.resize(size);
    return all;
  }
  int ends[2];
};

std::string line(LogLevel level, std::string_view message, std::vector<LogField> fields) {
  std::string out;
  kernel::append_json_line(out, FixedClock().unix_micros(), level, message, fields);
  return out;
}

}  // namespace

TEST_CASE("an event is one JSON object on one line") {
  CHECK(line(LogLevel::info, "started", {LogField("port", std::int64_t{8080}), LogField("address", "127.0.0.1")}) ==
        R"({"time":"2025-12-31T23:59:59.000042Z","level":"info","message":"started","port":8080,"address":"127.0.0.1"})"
        "\n");
  CHECK(line(LogLevel::error, "x", {LogField("n", std::int64_t{-5})}) ==
        R"({"time":"2025-12-31T23:59:59.000042Z","level":"error","message":"x","n":-5})"
        "\n");
}

TEST_CASE("what a client sends cannot forge a second line or break the encoding") {
  const std::string out = line(LogLevel::warn, "m", {LogField("path", "/a\n{\"level\":\"info\"}\r\t\x01\x7f\xff\xC0\x80 \xE2\x82\xAC")});
  CHECK(out.find('\n') == out.size() - 1);
  CHECK(out.find(R"("path":"/a\n{\"level\":\"info\"}\r\t\u0001)"
                 "\x7F\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD \xE2\x82\xAC\"") != std::string::npos);
}

TEST_CASE("secrets are redacted in fields and in text") {
  const std::string out = line(LogLevel::info, "call with ds_live_abc",
                               {LogField("authorization", "whatever"), LogField("detail", "Bearer xyz"), LogField("bucket_key", "global")});
  CHECK(out.find("abc") == std::string::npos);
  CHECK(out.find("whatever") == std::string::npos);
  CHECK(out.find("xyz") == std::string::npos);
  CHECK(out.find(R"("bucket_key":"global")") != std::string::npos);
}

TEST_CASE("lines of several threads arrive whole and complete") {
  Pipe pipe;
  constexpr int kThreads = 4, kLines = 200;
  {
    const FixedClock clock;
    JsonLog log(clock, LogLevel::info, pipe.ends[1]);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < kLines; ++i) log.info("tick", {LogField("i", static_cast<std::int64_t>(i))});
      });
    for (auto& thread : threads) thread.join();
  }
  const std::string all = pipe.read_all();
  std::size_t lines = 0;
  for (std::size_t at = 0; at < all.size(); ++lines) {
    const auto end = all.find('\n', at);
    REQUIRE(end != std::string::npos);
    REQUIRE(all.compare(at, 8, "{\"time\":") == 0);
    REQUIRE(all[end - 1] == '}');
    at = end + 1;
  }
  CHECK(lines == kThreads * kLines);
}

TEST_CASE("a level that is switched off writes nothing, and the level can change while running") {
  Pipe pipe;
  {
    const FixedClock clock;
    JsonLog log(clock, LogLevel::warn, pipe.ends[1]);
    CHECK_FALSE(log.enabled(LogLevel::info));
    log.info("hidden");
    log.set_level(LogLevel::info);
    log.info("shown");
    log.flush();
  }
  const std::string all = pipe.read_all();
  CHECK(all.find("hidden") == std::string::npos);
  CHECK(all.find("shown") != std::string::npos);
}

TEST_CASE("a full buffer drops lines, counts them and says so") {
  Pipe pipe;
  // The pipe is full and nobody reads, so the writer blocks and the small buffer fills.
  const std::string filler(1 << 16, 'x');
  ::fcntl(pipe.ends[1], F_SETFL, O_NONBLOCK);
  while (::write(pipe.ends[1], filler.data(), filler.size()) > 0) {
  }
  std::string all;
  {
    const FixedClock clock;
    JsonLog log(clock, LogLevel::info, pipe.ends[1], 1000);
    for (int i = 0; i < 100; ++i) log.info("a line that takes some room in the buffer");
    CHECK(log.dropped() > 50);
    std::thread reader([&] {
      std::string part(1 << 16, '\0');
      for (ssize_t got = 1; got > 0;) {
        got = ::read(pipe.ends[0], part.data(), part.size());
        if (got > 0) all.append(part, 0, static_cast<std::size_t>(got));
        if (all.find("log lines were dropped") != std::string::npos) break;
      }
    });
    for (int i = 0; i < 3; ++i) {
      log.flush();
      log.info("after");
    }
    reader.join();
  }
  CHECK(all.find(R"("message":"log lines were dropped: the reader of the log is too slow","dropped_total":)") != std::string::npos);
}

TEST_CASE("a component's log names the component on each line") {
  Pipe pipe;
  {
    const FixedClock clock;
    JsonLog log(clock, LogLevel::info, pipe.ends[1]);
    ComponentLog component(log, "sessions");
    component.warn("slow", {LogField("duration_ms", std::int64_t{12})});
  }
  CHECK(pipe.read_all().find(R"("message":"slow","component":"sessions","duration_ms":12})") != std::string::npos);
}
