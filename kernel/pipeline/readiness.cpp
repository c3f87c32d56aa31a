#include "kernel/pipeline/readiness.hpp"

#include <utility>

#include "driftstack/support/json.hpp"
#include "driftstack/support/timestamp.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::chrono::milliseconds kCheckTimeout{1500};  // platform.md 10.1

void append_check(std::string& checks, std::string_view name, bool ok, std::int64_t latency_ms) {
  if (!checks.empty()) checks += ',';
  checks += "{\"name\":";
  wire::append_json_string(checks, name);
  checks += ok ? ",\"status\":\"ok\"" : ",\"status\":\"failed\"";
  checks += ",\"latency_ms\":" + std::to_string(latency_ms) + "}";
}

}  // namespace

TickedWorker& WorkerRegistry::add(std::string_view name) {
  const std::lock_guard lock(mutex_);
  for (auto& worker : workers_)
    if (worker.name() == name) return worker;
  return workers_.emplace_back(std::string(name), clock_);
}

std::vector<const TickedWorker*> WorkerRegistry::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<const TickedWorker*> list;
  for (const auto& worker : workers_) list.push_back(&worker);
  return list;
}

AsyncResult<ReadinessReport::Answer> ReadinessReport::ask(IoThread thread, std::string request_id) const {
  bool ready = missing_.empty();
  std::string checks;
  for (const auto& plugin : missing_) append_check(checks, "plugin " + plugin, false, 0);
  for (auto* check : checks_) {
    const auto begin = clock_.steady();
    Call call(request_id, thread, begin + kCheckTimeout);
    const auto result = co_await check->check(call);
    const auto latency = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - begin);
    const bool ok = result.has_value() && latency <= kCheckTimeout;
    ready = ready && ok;
    append_check(checks, check->name(), ok, latency.count());
  }
  Answer answer;
  answer.ready = ready;
  answer.body = std::string(R"({"status":")") + (ready ? "ready" : "not_ready") + R"(","checks":[)" + checks + R"(],"workers":[)";
  bool first = true;
  for (const auto* worker : workers_.all()) {
    if (!std::exchange(first, false)) answer.body += ',';
    answer.body += "{\"name\":";
    wire::append_json_string(answer.body, worker->name());
    answer.body += ",\"last_tick_at\":";
    if (worker->last_tick() == 0) {
      answer.body += "null}";
    } else {
      answer.body += '"';
      Timestamp::from_micros(worker->last_tick()).append_text(answer.body);
      answer.body += "\"}";
    }
  }
  answer.body += "]}";
  co_return answer;
}

}  // namespace driftstack::kernel
