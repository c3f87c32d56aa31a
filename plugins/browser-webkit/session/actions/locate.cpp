#include "actions/locate.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr std::chrono::milliseconds kPollInterval{20};
// One question to the page; asked again after it, because a document that is replaced meanwhile never answers.
constexpr std::chrono::milliseconds kPatience{2000};

enum class Status : std::uint8_t { ready, absent, hidden, unusable, moving, covered };
constexpr auto enum_names(Status) {
  return std::to_array<std::pair<std::string_view, Status>>({{"ready", Status::ready},
                                                             {"absent", Status::absent},
                                                             {"hidden", Status::hidden},
                                                             {"unusable", Status::unusable},
                                                             {"moving", Status::moving},
                                                             {"covered", Status::covered}});
}

struct Question {
  std::string selector;
  Purpose purpose = Purpose::tap;
  static constexpr auto shape = wire::object(wire::field<&Question::selector>("selector"), wire::field<&Question::purpose>("purpose"));
};

struct Answer {
  Status status = Status::absent;
  std::optional<std::string> detail;
  std::optional<double> x, y;
  std::optional<bool> focused;
  static constexpr auto shape =
      wire::object(wire::field<&Answer::status>("status"), wire::field<&Answer::detail>("detail"), wire::field<&Answer::x>("x"),
                   wire::field<&Answer::y>("y"), wire::field<&Answer::focused>("focused"));
};

}  // namespace

Work<Target> locate(Page& page, Command& command, std::string selector, Purpose purpose) {
  Question question;
  question.selector = std::move(selector);
  question.purpose = purpose;
  std::string obstacle = "the page does not answer";
  do {
    const Deadline until = SteadyClock::now() + kPatience;
    Outcome<Answer> answer = co_await page.world().call<Answer>(command, "locate", question, until);
    if (answer && answer->status == Status::ready) {
      Target target;
      target.x = answer->x.value_or(0);
      target.y = answer->y.value_or(0);
      target.focused = answer->focused.value_or(false);
      co_return target;
    }
    if (answer) {
      obstacle = answer->detail.value_or("the target cannot be used");
    } else if (answer.failure().code == FailureCode::bad_request) {
      co_return std::move(answer.failure());
    }
  } while (co_await pause(command, kPollInterval));
  co_return command.gave_up(std::move(obstacle));
}

}  // namespace driftstack::browser_webkit
