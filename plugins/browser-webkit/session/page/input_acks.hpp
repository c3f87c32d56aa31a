#pragma once
// Counts the input events that the page's frames saw, as reported by the agent's capture listeners. The engine queues mouse and keyboard
// input separately, so every action waits for its own acknowledgement before the next one begins. [main-thread]

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "command.hpp"

namespace driftstack::browser_webkit {

enum class InputKind : std::uint8_t {
  mouse_down,
  mouse_up,
  mouse_move,
  key_down,
  key_up,
  wheel,
  drag_start,
  drag_over,
  drop,
  drag_end,
  change
};
inline constexpr std::size_t kInputKinds = 11;

class InputAcks {
 public:
  /// Forgets what was counted: the next input is new.
  void reset();
  unsigned count(InputKind kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  /// An event of this DOM type was seen; other types are ignored.
  void note(std::string_view event_type);
  /// True as soon as `count` events of the kind were seen since `reset`; false when the time was over or the command ended.
  Task<bool> seen(Command& command, InputKind kind, unsigned count, Deadline until);

 private:
  struct Awaited {
    InputKind kind;
    unsigned count;
    OneShot<Done> answer;
  };
  std::array<unsigned, kInputKinds> counts_{};
  std::optional<Awaited> awaited_;
};

}  // namespace driftstack::browser_webkit
