#include "actions/field.hpp"

#include "keyboard/unicode.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr std::chrono::milliseconds kPollInterval{50};
constexpr std::chrono::milliseconds kPatience{2000};  // as in locate.cpp
constexpr std::chrono::milliseconds kTypingLimit{20'000};

struct Length {
  std::string selector;
  std::int64_t length = 0;
  static constexpr auto shape = wire::object(wire::field<&Length::selector>("selector"), wire::field<&Length::length>("length"));
};

std::int64_t utf16_length(const std::u32string& text) {
  std::int64_t length = 0;
  for (const char32_t character : text) length += character > 0xFFFF ? 2 : 1;
  return length;
}

Work<bool> ask(Page& page, Command& command, std::string_view test, std::string selector) {
  SelectorQuestion question;
  question.selector = std::move(selector);
  const Deadline until = SteadyClock::now() + kPatience;
  Outcome<Ready> answer = co_await page.world().call<Ready>(command, test, question, until);
  if (!answer) co_return std::move(answer.failure());
  co_return answer->ready;
}

}  // namespace

bool is_one_line(const std::string& text) {
  const std::optional<std::u32string> characters = to_code_points(text);
  return characters && is_typeable(*characters) && text.find_first_of("\n\t") == std::string::npos;
}

Work<Filled> fill_in(Page& page, Keyboard& keyboard, Command& command, std::string selector, std::string text) {
  command.begin_part(std::chrono::milliseconds(browser::kFindFieldMs));
  Aim aim;
  aim.selector = selector;
  Outcome<> focused = co_await keyboard.focus(command, aim, Purpose::type);
  if (!focused) co_return std::move(focused.failure());
  Outcome<bool> empty = co_await ask(page, command, "isEmpty", selector);
  if (!empty) co_return std::move(empty.failure());
  if (!*empty) {
    Outcome<> cleared = co_await keyboard.clear(command, aim);
    if (!cleared) co_return std::move(cleared.failure());
  }
  Length length;
  length.selector = selector;
  length.length = utf16_length(to_code_points(text).value_or(std::u32string()));
  command.begin_part(kTypingLimit);
  browser::TypeText action;
  action.selector = std::move(selector);
  action.text = std::move(text);
  action.sensitive = true;
  Outcome<> typed = co_await keyboard.type(command, Frame(), std::move(action));
  if (!typed && typed.failure().code != FailureCode::timeout) co_return std::move(typed.failure());
  if (!typed) co_return Filled::cut;
  const Deadline until = SteadyClock::now() + kPatience;
  Outcome<Ready> held = co_await page.world().call<Ready>(command, "holdsAll", length, until);
  co_return held && !held->ready ? Filled::cut : Filled::whole;
}

Work<> check_selector(Page& page, Command& command, std::optional<std::string> selector) {
  if (!selector) co_return Done();
  Outcome<bool> asked = co_await ask(page, command, "isPresent", *std::move(selector));
  if (!asked && asked.failure().code == FailureCode::bad_request) co_return std::move(asked.failure());
  co_return Done();
}

Task<bool> turns_true(Page& page, Command& command, std::string_view test, std::string selector) {
  do {
    Outcome<bool> answer = co_await ask(page, command, test, selector);
    if (answer && *answer) co_return true;
  } while (co_await pause(command, kPollInterval));
  co_return false;
}

}  // namespace driftstack::browser_webkit
