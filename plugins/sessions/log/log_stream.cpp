#include "log/log_stream.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include "log/log_wire.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::chrono::milliseconds kPollPeriod{500};
constexpr std::chrono::seconds kReadLimit{10};
constexpr std::int64_t kMostAtOnce = 100;

std::string event_text(LogEntry entry) {
  std::string text = "event: " + std::string(wire::enum_text(entry.kind)) + "\nid: " + entry.id.to_text() + "\ndata: ";
  return text + wire::to_text(body::show(std::move(entry))) + "\n\n";
}

}  // namespace

AsyncResult<std::optional<std::string>> LogStream::next(const Call& call) {
  while (!stopped_.load() && !call.cancelled()) {
    const Call read_call(std::string(call.request_id()), call.io_thread(), host_.clock().steady() + kReadLimit);
    auto allowed = co_await ask_.may_read(read_call);
    if (!allowed) co_return std::move(allowed).error();
    if (!*allowed) break;
    // Asked first: what was noted before the end is read after it.
    auto over = co_await ask_.is_over(read_call);
    if (!over) co_return std::move(over).error();
    auto written = co_await log_.write(read_call);
    if (!written) co_return std::move(written).error();
    auto entries = co_await store_.since(read_call, follow_.account, follow_.session, follow_.kinds, follow_.behind, kMostAtOnce);
    if (!entries) co_return std::move(entries).error();
    std::string text;
    for (LogEntry& entry : *entries) {
      follow_.behind = entry.at;
      text += event_text(std::move(entry));
    }
    if (!text.empty()) co_return std::optional(std::move(text));
    // What an operation says of its end comes after the end.
    if (*over && over_seen_) break;
    over_seen_ = *over;
    co_await until(host_.scheduler(), host_.clock().steady() + kPollPeriod, call.io_thread());
  }
  co_return std::optional<std::string>();
}

}  // namespace driftstack::sessions
