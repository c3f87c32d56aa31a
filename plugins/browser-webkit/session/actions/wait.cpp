#include "actions/wait.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr std::chrono::milliseconds kPollInterval{20};
constexpr std::chrono::milliseconds kPatience{2000};  // as in locate.cpp

/// The arguments of the agent's three tests: exactly one is set.
struct Question {
  std::optional<std::string> selector, pattern;
  static constexpr auto shape = wire::object(wire::field<&Question::selector>("selector"), wire::field<&Question::pattern>("pattern"));
};
struct Ready {
  bool ready = false;
  static constexpr auto shape = wire::object(wire::field<&Ready::ready>("ready"));
};

struct Test {
  std::string_view function;
  Question question;
};

Test test_for(const browser::Condition& condition) {
  Test test;
  if (const auto* present = std::get_if<browser::SelectorPresent>(&condition)) {
    test.function = "isPresent";
    test.question.selector = present->selector;
  } else if (const auto* hidden = std::get_if<browser::SelectorHidden>(&condition)) {
    test.function = "isGone";
    test.question.selector = hidden->selector;
  } else if (const auto* url = std::get_if<browser::UrlMatches>(&condition)) {
    test.function = "urlMatches";
    test.question.pattern = url->pattern;
  }
  return test;
}

browser::Waited waited(const Command& command, bool satisfied) {
  browser::Waited result;
  result.satisfied = satisfied;
  result.duration_ms = command.elapsed_ms();
  return result;
}

}  // namespace

Work<browser::Waited> wait(Page& page, Command& command, browser::Wait message) {
  if (const auto* time = std::get_if<browser::TimePassed>(&message.condition)) {
    const Deadline until = SteadyClock::now() + std::chrono::milliseconds(time->ms);
    const OneShot<Done> never;
    co_await never.wait(command, until);
    if (command.cancelled()) co_return command.gave_up("");
    co_return waited(command, SteadyClock::now() >= until);
  }
  const Test test = test_for(message.condition);
  bool frame_missing = false;
  // No `continue` in here: g++ 12 would jump past the co_await of the condition.
  do {
    Outcome<std::optional<Frame>> frame = std::optional<Frame>(Frame());
    if (message.frame_match) frame = co_await page.world().find_frame(command, *message.frame_match);
    if (!frame && frame.failure().code == FailureCode::conflict) co_return std::move(frame.failure());
    frame_missing = frame && !*frame;
    if (frame && *frame) {
      const Deadline until = SteadyClock::now() + kPatience;
      Outcome<Ready> answer = co_await page.world().call_in<Ready>(**frame, command, test.function, test.question, until);
      if (answer && answer->ready) co_return waited(command, true);
      if (!answer && answer.failure().code == FailureCode::bad_request) co_return std::move(answer.failure());
    }
  } while (co_await pause(command, kPollInterval));
  if (command.cancelled()) co_return command.gave_up("");
  if (frame_missing) co_return failure(FailureCode::conflict, "no frame fits frame_match");
  co_return waited(command, false);
}

}  // namespace driftstack::browser_webkit
