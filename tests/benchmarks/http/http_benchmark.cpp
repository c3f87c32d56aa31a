// CPU per request of the HTTP server and of the whole kernel, against a flat minimal Beast server on the same machine at the same time.
//
//     http_benchmark [rounds] [seconds]
//
// Each server runs in a child process on core 0 with one io thread; wrk drives it from core 1 over 64 kept connections. Rounds take turns,
// the medians count. Rates depend on the machine and its other load; the ratio of CPU times is what we promise (architecture.md, section
// 3).
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "flat_beast_server.hpp"
#include "kernel/http/http_server.hpp"
#include "kernel/pipeline/pipeline.hpp"
#include "kernel/runtime/clock.hpp"
#include "kernel/runtime/io_threads.hpp"
#include "kernel/runtime/log.hpp"
#include "kernel/runtime/metrics.hpp"
#include "kernel/runtime/worker_pool.hpp"

namespace {

using namespace driftstack;
using namespace driftstack::kernel;

// The size of the answer in the measurements that the budget comes from.
const std::string kBody = "{\"data\":\"" + std::string(185, 'x') + "\"}";

/// The whole header set of an API answer, made without any stage.
class NullHandler final : public RequestHandler {
 public:
  Task<> run(Exchange& exchange) override {
    exchange.head =
        "x-request-id: 0b6f7a52-5d47-4a0b-9c65-1f0e7d2a4b11\r\nstrict-transport-security: max-age=63072000; includeSubDomains; preload\r\n"
        "x-content-type-options: nosniff\r\nx-frame-options: SAMEORIGIN\r\nreferrer-policy: no-referrer\r\nx-dns-prefetch-control: off\r\n"
        "cross-origin-resource-policy: cross-origin\r\ncache-control: no-store, private\r\ncontent-type: application/json\r\n";
    exchange.response.status = 200;
    exchange.response.body = kBody;
    co_return;
  }
  void refuse(Exchange& exchange, const Error&) override { exchange.response = Response(400, ""); }
  void finished(const Exchange&, std::uint64_t) noexcept override {}
};

class ConstantRoute final : public RouteHandler {
 public:
  AsyncResult<Response> handle(const Call&, const Request&) override { co_return Response(200, kBody); }
};

Route null_route(RouteHandler& handler) {
  Route route;
  route.method = Method::get;
  route.path = "/v1/null";
  route.authentication = Authentication::none;
  route.scopes_any = ScopeSet{};
  route.team = TeamAccess::not_applicable;
  route.bucket = "none";
  route.operation_id = "get_null";
  route.summary = "Nothing.";
  route.tag = "null";
  route.response_schema = "{\"type\":\"object\"}";
  route.handler = &handler;
  return route;
}

using Listening = std::function<void(std::uint16_t)>;

/// The runtime with one io thread; the log goes where a service's log goes that nobody reads.
struct Runtime {
  SystemClock clock;
  std::FILE* nowhere = std::fopen("/dev/null", "w");
  JsonLog log{clock, LogLevel::info, ::fileno(nowhere)};
  MetricRegistry metrics;
  WorkerPool workers{1};
  IoThreads io{1, workers};
};

void serve(Runtime& runtime, RequestHandler& handler, const Listening& listening) {
  HttpServer server(ServerOptions(), runtime.io, handler, runtime.log, runtime.metrics);
  if (auto started = server.start(); !started) {
    std::fprintf(stderr, "%s\n", started.error().detail.c_str());
    std::exit(1);
  }
  listening(server.bound_port());
  ::pause();  // until the parent ends us
}

void serve_http(const Listening& listening) {
  Runtime runtime;
  NullHandler handler;
  serve(runtime, handler, listening);
}

void serve_kernel(const Listening& listening) {
  Runtime runtime;
  ConstantRoute handler;
  const Route route = null_route(handler);  // the table keeps its address
  RouteTable routes([](std::string_view) { return true; });
  if (auto mounted = routes.mount("benchmark", route); !mounted) {
    std::fprintf(stderr, "%s\n", mounted.error().detail.c_str());
    std::exit(1);
  }
  PipelineParts parts;
  parts.routes = &routes;
  parts.log = &runtime.log;
  parts.metrics = &runtime.metrics;
  parts.clock = &runtime.clock;
  Pipeline pipeline(PipelineOptions(), parts);
  serve(runtime, pipeline, listening);
}

void pin(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  ::sched_setaffinity(0, sizeof cores, &cores);
}

/// A server in a child process.
class Candidate {
 public:
  Candidate(const char* name, const std::function<void(const Listening&)>& body) : name_(name) {
    int ends[2];
    if (::pipe(ends) != 0) std::exit(1);
    child_ = ::fork();
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      pin(0);
      body([&](std::uint16_t port) { (void)!::write(ends[1], &port, sizeof port); });
      std::exit(0);
    }
    ::close(ends[1]);
    if (::read(ends[0], &port_, sizeof port_) != sizeof port_) std::exit(1);
    ::close(ends[0]);
  }
  ~Candidate() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  Candidate(const Candidate&) = delete;
  Candidate& operator=(const Candidate&) = delete;

  void run(int seconds) {
    const std::string command =
        "taskset -c 1 wrk -t1 -c64 -d" + std::to_string(seconds) + "s http://127.0.0.1:" + std::to_string(port_) + "/v1/null 2>/dev/null";
    const double before = cpu_micros();
    double requests = 0;
    std::FILE* wrk = ::popen(command.c_str(), "r");
    for (char line[512]; std::fgets(line, sizeof line, wrk) != nullptr;) {
      double count = 0;
      if (std::sscanf(line, " %lf requests in", &count) == 1) requests = count;
      if (std::string(line).find("Non-2xx") != std::string::npos) std::fprintf(stderr, "%s: %s", name_, line);
    }
    if (::pclose(wrk) != 0 || requests == 0) {
      std::fprintf(stderr, "wrk is needed and did not work\n");
      std::exit(1);
    }
    micros_.push_back((cpu_micros() - before) / requests);
    rates_.push_back(requests / seconds);
  }

  double micros() const { return median(micros_); }
  double rate() const { return median(rates_); }
  double spread() const { return *std::max_element(micros_.begin(), micros_.end()) / *std::min_element(micros_.begin(), micros_.end()); }
  const char* name() const { return name_; }

 private:
  double cpu_micros() const {
    clockid_t clock{};
    timespec time{};
    ::clock_getcpuclockid(child_, &clock);
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
  }
  static double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }

  const char* name_;
  pid_t child_ = -1;
  std::uint16_t port_ = 0;
  std::vector<double> micros_, rates_;
};

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 3;
  Candidate flat("flat Beast server", [](const Listening& listening) { benchmarks::serve_flat(kBody, listening); });
  Candidate http("HTTP server, null handler", &serve_http);
  Candidate kernel("kernel, null route", &serve_kernel);
  Candidate* all[] = {&flat, &http, &kernel};
  for (int round = 0; round < rounds; ++round)
    for (Candidate* candidate : all) candidate->run(seconds);
  std::printf("%-28s %12s %8s %10s %8s\n", "", "CPU us/req", "ratio", "req/s", "max/min");
  for (const Candidate* candidate : all)
    std::printf("%-28s %12.2f %8.2f %10.0f %8.2f\n", candidate->name(), candidate->micros(), candidate->micros() / flat.micros(),
                candidate->rate(), candidate->spread());
}
