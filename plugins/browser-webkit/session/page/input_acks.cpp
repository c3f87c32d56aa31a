#include "page/input_acks.hpp"

#include <algorithm>

namespace driftstack::browser_webkit {
namespace {
constexpr std::array<std::string_view, kInputKinds> kEventTypes = {"mousedown", "mouseup",  "mousemove", "keydown", "keyup", "wheel",
                                                                   "dragstart", "dragover", "drop",      "dragend", "change"};
}  // namespace

void InputAcks::reset() {
  counts_.fill(0);
  awaited_.reset();
}

void InputAcks::note(std::string_view event_type) {
  const auto* at = std::find(kEventTypes.begin(), kEventTypes.end(), event_type);
  if (at == kEventTypes.end()) return;
  const auto kind = static_cast<std::size_t>(at - kEventTypes.begin());
  ++counts_[kind];
  if (awaited_ && static_cast<std::size_t>(awaited_->kind) == kind && counts_[kind] >= awaited_->count) awaited_->answer.set(Done());
}

Task<bool> InputAcks::seen(Command& command, InputKind kind, unsigned count, Deadline until) {
  if (counts_[static_cast<std::size_t>(kind)] >= count) co_return true;
  const OneShot<Done> answer;
  awaited_.emplace();
  awaited_->kind = kind;
  awaited_->count = count;
  awaited_->answer = answer;
  const std::optional<Done> seen = co_await answer.wait(command, until);
  awaited_.reset();
  co_return seen.has_value();
}

}  // namespace driftstack::browser_webkit
