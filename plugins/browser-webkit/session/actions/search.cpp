#include "actions/search.hpp"

#include "actions/field.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr std::chrono::milliseconds kPollInterval{50};
constexpr std::chrono::milliseconds kPatience{2000};  // as in locate.cpp

struct Found {
  std::optional<std::string> selector;
  static constexpr auto shape = wire::object(wire::field<&Found::selector>("selector"));
};

Work<std::string> find_field(Page& page, Command& command) {
  command.begin_part(std::chrono::milliseconds(browser::kFindFieldMs));
  const protocol::Empty nothing;
  do {
    const Deadline until = SteadyClock::now() + kPatience;
    Outcome<Found> found = co_await page.world().call<Found>(command, "findSearchField", nothing, until);
    if (found && found->selector) co_return *std::move(found->selector);
  } while (co_await pause(command, kPollInterval));
  co_return command.gave_up("the page shows no field that looks like a search field; name it with search_selector");
}

}  // namespace

Work<browser::Searched> search(Page& page, Keyboard& keyboard, Command& command, browser::Search message) {
  if (!is_one_line(message.query)) co_return failure(FailureCode::bad_request, "the query must be one line of characters that keys make");
  Outcome<> sound = co_await check_selector(page, command, message.wait_for_results_selector);
  if (!sound) co_return std::move(sound.failure());
  std::string field = message.search_selector.value_or(std::string());
  if (field.empty()) {
    Outcome<std::string> found = co_await find_field(page, command);
    if (!found) co_return std::move(found.failure());
    field = std::move(*found);
  }
  browser::Searched answer;
  Outcome<Filled> filled = co_await fill_in(page, keyboard, command, std::move(field), std::move(message.query));
  if (!filled) co_return std::move(filled.failure());
  answer.query_truncated = *filled == Filled::cut;
  if (!answer.query_truncated) {
    command.begin_part(std::chrono::milliseconds(message.timeout_ms));
    if (message.submit) {
      Outcome<> pressed = co_await keyboard.press(command, "Enter");
      if (!pressed) co_return std::move(pressed.failure());
      answer.submitted = true;
    }
    if (message.wait_for_results_selector) {
      answer.results_visible = co_await turns_true(page, command, "isSeen", *std::move(message.wait_for_results_selector));
      if (command.cancelled()) co_return command.gave_up("");
    }
  }
  answer.duration_ms = command.elapsed_ms();
  co_return answer;
}

}  // namespace driftstack::browser_webkit
