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

struct ChildPoint {
  std::int32_t index = 0;
  double x = 0, y = 0;
  static constexpr auto shape =
      wire::object(wire::field<&ChildPoint::index>("index"), wire::field<&ChildPoint::x>("x"), wire::field<&ChildPoint::y>("y"));
};

/// Carries a point of an inner frame outwards, through every frame around it, to the viewport.
Work<Answer> carry_outwards(Page& page, Command& command, const Frame& frame, Answer inner, Deadline until) {
  for (const Frame::Step& step : frame.outwards) {
    Frame around;
    around.id = step.id;
    ChildPoint point;
    point.index = step.index;
    point.x = inner.x.value_or(0);
    point.y = inner.y.value_or(0);
    Outcome<Answer> answer = co_await page.world().call_in<Answer>(around, command, "pointOfChild", point, until);
    if (!answer || answer->status != Status::ready) co_return answer;
    inner.x = answer->x;
    inner.y = answer->y;
  }
  co_return inner;
}

}  // namespace

Work<Target> locate_by(Page& page, Command& command, Frame frame, std::string_view function, wire::Json question) {
  std::string obstacle = "the page does not answer";
  do {
    const Deadline until = SteadyClock::now() + kPatience;
    Outcome<Answer> answer = co_await page.world().call_in<Answer>(frame, command, function, question, until);
    if (answer && answer->status == Status::ready) answer = co_await carry_outwards(page, command, frame, std::move(*answer), until);
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

Work<Target> locate(Page& page, Command& command, Aim aim, Purpose purpose) {
  Question question;
  question.selector = std::move(aim.selector);
  question.purpose = purpose;
  co_return co_await locate_by(page, command, std::move(aim.frame), "locate", wire::to_json(question));
}

Task<bool> becomes(Page& page, Command& command, Aim aim, std::string_view test, Deadline until) {
  SelectorQuestion question;
  question.selector = std::move(aim.selector);
  do {
    Outcome<Ready> answer = co_await page.world().call_in<Ready>(aim.frame, command, test, question, command.deadline());
    if (answer && answer->ready) co_return true;
  } while (SteadyClock::now() < until && co_await pause(command, kPollInterval));
  co_return false;
}

}  // namespace driftstack::browser_webkit
