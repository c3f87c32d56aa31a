#include "actions/form_controls.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr std::chrono::milliseconds kPollInterval{20};
constexpr std::chrono::seconds kMenuPatience{5};
constexpr std::chrono::seconds kEffectPatience{2};

struct Option {
  std::int32_t index = 0;
  std::string label;
  static constexpr auto shape = wire::object(wire::field<&Option::index>("index"), wire::field<&Option::label>("label"));
};

struct Plan {
  std::optional<std::string> missing;
  bool multiple = false, menu = false, done = false;
  std::vector<Option> options;
  static constexpr auto shape =
      wire::object(wire::field<&Plan::missing>("missing"), wire::field<&Plan::multiple>("multiple"), wire::field<&Plan::menu>("menu"),
                   wire::field<&Plan::done>("done"), wire::field<&Plan::options>("options"));
};

struct PlanQuestion {
  std::string selector;
  std::vector<std::string> values;
  static constexpr auto shape =
      wire::object(wire::field<&PlanQuestion::selector>("selector"), wire::field<&PlanQuestion::values>("values"));
};

struct ListQuestion {
  std::string selector;
  std::vector<std::int32_t> indexes;
  static constexpr auto shape =
      wire::object(wire::field<&ListQuestion::selector>("selector"), wire::field<&ListQuestion::indexes>("indexes"));
};

struct CheckState {
  bool checked = false, radio = false;
  static constexpr auto shape = wire::object(wire::field<&CheckState::checked>("checked"), wire::field<&CheckState::radio>("radio"));
};
struct CheckAnswer {
  std::optional<CheckState> state;
  static constexpr auto shape = wire::object(wire::field<&CheckAnswer::state>("state"));
};

Work<Plan> plan_for(Page& page, Command& command, const Frame& frame, const PlanQuestion& question) {
  return page.world().call_in<Plan>(frame, command, "selectPlan", question, command.deadline());
}

std::string squeezed(const char* label) {
  std::string result;
  for (const char* at = label == nullptr ? "" : label; *at != '\0'; ++at) {
    const bool space = g_ascii_isspace(*at) != 0;
    if (!space) result += *at;
    if (space && !result.empty() && result.back() != ' ') result += ' ';
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

/// The place of an option among the items of the menu, which has the labels of groups in between. Nothing when the menu shows other
/// options.
std::optional<guint> item_of(WebKitOptionMenu* menu, const Option& option) {
  std::int32_t options_before = 0;
  for (guint i = 0; i < webkit_option_menu_get_n_items(menu); ++i) {
    WebKitOptionMenuItem* item = webkit_option_menu_get_item(menu, i);
    if (webkit_option_menu_item_is_group_label(item)) continue;
    if (options_before++ != option.index) continue;
    return squeezed(webkit_option_menu_item_get_label(item)) == option.label ? std::optional(i) : std::nullopt;
  }
  return std::nullopt;
}

Work<> choose_in_menu(Page& page, Compositor& compositor, Command& command, const Aim& aim, const Option& option) {
  Outcome<Target> target = co_await locate(page, command, aim, Purpose::select);
  if (!target) co_return std::move(target.failure());
  const OneShot<Choosers::Menu> opened = page.choosers().expect_menu();
  Outcome<> tapped = co_await tap_at(page, compositor, command, *target);
  const Deadline until = SteadyClock::now() + kMenuPatience;
  const std::optional<Choosers::Menu> menu = co_await opened.wait(command, until);
  page.choosers().stop_expecting();
  if (!menu) co_return command.gave_up("the select element opened no menu");
  const std::optional<guint> item = item_of(menu->get(), option);
  if (item) webkit_option_menu_activate_item(menu->get(), *item);
  webkit_option_menu_close(menu->get());
  if (!tapped) co_return tapped;
  if (!item) co_return failure(FailureCode::timeout, "the options changed while the menu was opened");
  co_return Done();
}

/// A list box. Taps on its options are lost now and then, so the agent sets them, with the events that a person would cause.
Work<> choose_in_list(Page& page, Command& command, const Aim& aim, const std::vector<Option>& options) {
  ListQuestion question;
  question.selector = aim.selector;
  for (const Option& option : options) question.indexes.push_back(option.index);
  Outcome<Ready> set = co_await page.world().call_in<Ready>(aim.frame, command, "setOptions", question, command.deadline());
  if (!set) co_return std::move(set.failure());
  co_return Done();
}

}  // namespace

Work<> select_options(Page& page, Compositor& compositor, Command& command, Aim aim, std::vector<std::string> values) {
  PlanQuestion question;
  question.selector = aim.selector;
  question.values = std::move(values);
  Outcome<Plan> plan = failure(FailureCode::timeout, "");
  std::optional<std::string> missing;  // as the page last said: the time mostly runs out while it is being asked again
  do {
    Outcome<Target> target = co_await locate(page, command, aim, Purpose::select);
    if (!target && missing && target.failure().code == FailureCode::timeout) break;
    if (!target) co_return std::move(target.failure());
    plan = co_await plan_for(page, command, aim.frame, question);
    if (plan) missing = plan->missing;
  } while ((!plan || missing) && co_await pause(command, kPollInterval));
  if (missing) co_return command.gave_up("the select element has no usable option with the value '" + *missing + "'");
  if (!plan) co_return std::move(plan.failure());
  if (plan->done) co_return Done();
  if (!plan->multiple && plan->options.size() > 1) co_return failure(FailureCode::bad_request, "the select element takes one value");
  Outcome<> chosen = Done();
  if (plan->menu) {
    chosen = co_await choose_in_menu(page, compositor, command, aim, plan->options.front());
  } else {
    chosen = co_await choose_in_list(page, command, aim, plan->options);
  }
  if (!chosen) co_return chosen;
  const Deadline until = SteadyClock::now() + kEffectPatience;
  do {
    plan = co_await plan_for(page, command, aim.frame, question);
    if (!plan || plan->done) co_return Done();  // a page that went on to another document took the choice
  } while (SteadyClock::now() < until && co_await pause(command, kPollInterval));
  co_return command.cancelled() ? command.gave_up("") : failure(FailureCode::timeout, "the select element does not keep the choice");
}

Work<> check(Page& page, Compositor& compositor, Command& command, Aim aim, bool checked) {
  Outcome<Target> target = co_await locate(page, command, aim, Purpose::check);
  if (!target) co_return std::move(target.failure());
  SelectorQuestion question;
  question.selector = aim.selector;
  Outcome<CheckAnswer> before = co_await page.world().call_in<CheckAnswer>(aim.frame, command, "checkState", question, command.deadline());
  if (!before) co_return std::move(before.failure());
  if (before->state && before->state->checked == checked) co_return Done();
  if (before->state && before->state->radio && !checked)
    co_return failure(FailureCode::bad_request, "a radio button is unchecked by checking another");
  Outcome<> tapped = co_await tap_at(page, compositor, command, *target);
  if (!tapped) co_return tapped;
  const Deadline until = SteadyClock::now() + kEffectPatience;
  do {
    Outcome<CheckAnswer> now = co_await page.world().call_in<CheckAnswer>(aim.frame, command, "checkState", question, command.deadline());
    if (!now || !now->state || now->state->checked == checked) co_return Done();  // a control that is gone took the tap
  } while (SteadyClock::now() < until && co_await pause(command, kPollInterval));
  co_return command.cancelled() ? command.gave_up("") : failure(FailureCode::timeout, "the control does not keep the state");
}

}  // namespace driftstack::browser_webkit
