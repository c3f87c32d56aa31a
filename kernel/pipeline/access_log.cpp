#include "kernel/pipeline/access_log.hpp"

#include <array>

namespace driftstack::kernel {

AccessLog::AccessLog(Log& log, Metrics& metrics, Clock& clock) : log_(log), metrics_(metrics), clock_(clock) {
  unmatched_ = make_counters("other", "unmatched", false);
}

AccessLog::Counters AccessLog::make_counters(std::string_view method, std::string_view route_template, bool websocket) {
  constexpr std::array<const char*, 6> kClasses = {"", "1xx", "2xx", "3xx", "4xx", "5xx"};
  Counters counters;
  counters.name = std::string(method) + " " + std::string(route_template);
  for (std::size_t i = websocket ? 1 : 2; i < kClasses.size(); ++i) {
    std::vector<Label> labels;
    labels.emplace_back("method", std::string(method));
    labels.emplace_back("route", std::string(route_template));
    labels.emplace_back("status_class", kClasses[i]);
    counters.by_class[i] = &metrics_.counter("driftstack_http_request_total", "Requests answered.", std::move(labels));
  }
  return counters;
}

void AccessLog::prepare(const std::vector<const Route*>& routes) {
  for (const auto* route : routes) by_route_.emplace(route, make_counters(method_name(route->method), route->path, route->websocket));
}

void AccessLog::record(const Exchange& exchange, std::uint64_t bytes_sent) noexcept {
  const auto found = by_route_.find(exchange.route);
  const Counters& counters = found == by_route_.end() ? unmatched_ : found->second;
  const int status_class = exchange.response.status / 100;
  if (status_class >= 1 && status_class <= 5 && counters.by_class[status_class] != nullptr) counters.by_class[status_class]->add(1);
  if (!log_.enabled(LogLevel::info)) return;

  const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(clock_.steady() - exchange.started).count();
  char account[Uuid::kTextLength + 4] = "acc_";
  std::array<LogField, 9> fields = {
      LogField("component", "http"),
      LogField("request_id", exchange.call ? exchange.call->request_id() : std::string_view()),
      LogField("method", exchange.method_text),
      LogField("route", counters.name),
      LogField("status", std::int64_t{exchange.response.status}),
      LogField("duration_us", duration),
      LogField("bytes", static_cast<std::int64_t>(bytes_sent)),
      LogField("client", exchange.call ? exchange.call->client_address() : std::string_view()),
      LogField("account_id", std::string_view()),
  };
  std::size_t count = fields.size() - 1;
  if (exchange.call && exchange.call->principal()) {
    exchange.call->principal()->account.to_text(account + 4);
    fields[count++] = LogField("account_id", std::string_view(account, sizeof account));
  }
  log_.write(LogLevel::info, "request", std::span(fields).first(count));
}

}  // namespace driftstack::kernel
