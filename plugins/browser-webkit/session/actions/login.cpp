#include "actions/login.hpp"

#include "actions/field.hpp"
#include "actions/pointer.hpp"

namespace driftstack::browser_webkit {
namespace {

constexpr std::chrono::milliseconds kPollInterval{50};
constexpr std::chrono::milliseconds kPatience{2000};  // as in locate.cpp
// A page that shows the field for the name and no other for so long asks for the password later.
constexpr std::chrono::milliseconds kNameAloneFor{1000};
// The password field of a failed login comes back with its page: it must stay away for so long.
constexpr std::chrono::milliseconds kGoneFor{500};

struct Fields {
  std::optional<std::string> username, password;
  static constexpr auto shape = wire::object(wire::field<&Fields::username>("username"), wire::field<&Fields::password>("password"));
};

/// Which fields are worth waiting for.
enum class Wanted : std::uint8_t { password_or_name, password };

Work<Fields> find_fields(Page& page, Command& command, const browser::Login& message, Wanted wanted) {
  command.begin_part(std::chrono::milliseconds(browser::kFindFieldMs));
  const protocol::Empty nothing;
  std::optional<Deadline> alone_since;
  do {
    const Deadline until = SteadyClock::now() + kPatience;
    Outcome<Fields> found = co_await page.world().call<Fields>(command, "findLoginFields", nothing, until);
    if (found) {
      if (message.username_selector) found->username = message.username_selector;
      if (message.password_selector) found->password = message.password_selector;
      if (found->password) co_return std::move(*found);
      const bool name_alone = wanted == Wanted::password_or_name && found->username.has_value();
      if (!name_alone) alone_since.reset();
      if (name_alone && !alone_since) alone_since = SteadyClock::now();
      if (alone_since && SteadyClock::now() >= *alone_since + kNameAloneFor) co_return std::move(*found);
    }
  } while (co_await pause(command, kPollInterval));
  co_return command.gave_up("the page shows no password field; name it with password_selector");
}

bool load_failed(Page& page) {
  const std::optional<browser::PageState>& state = page.loads().page_state();
  return state && state->state == browser::PageLoad::errored;
}

/// Whether the password field went away, and the page that came instead is a good one.
Task<bool> password_goes(Page& page, Command& command, std::string selector) {
  std::optional<Deadline> gone_since;
  SelectorQuestion question;
  question.selector = std::move(selector);
  do {
    const Deadline until = SteadyClock::now() + kPatience;
    Outcome<Ready> gone = co_await page.world().call<Ready>(command, "isPasswordGone", question, until);
    if (!gone || !gone->ready || page.loads().loading()) gone_since.reset();
    if (gone && gone->ready && !page.loads().loading()) {
      if (!gone_since) gone_since = SteadyClock::now();
      if (SteadyClock::now() >= *gone_since + kGoneFor) co_return !load_failed(page);
    }
  } while (co_await pause(command, kPollInterval));
  co_return false;
}

Work<> submit(Page& page, Compositor& compositor, Keyboard& keyboard, Command& command, std::optional<std::string> selector) {
  if (!selector) co_return co_await keyboard.press(command, "Enter");
  Aim aim;
  aim.selector = *std::move(selector);
  co_return co_await tap(page, compositor, command, std::move(aim));
}

Work<> check_selectors(Page& page, Command& command, const browser::Login& message) {
  for (const auto* selector :
       {&message.username_selector, &message.password_selector, &message.submit_selector, &message.success_selector}) {
    Outcome<> sound = co_await check_selector(page, command, *selector);
    if (!sound) co_return sound;
  }
  co_return Done();
}

/// Types name and password, on one page or on two.
Work<Filled> fill_in_both(Page& page, Keyboard& keyboard, Command& command, browser::Login& message) {
  Outcome<Fields> fields = co_await find_fields(page, command, message, Wanted::password_or_name);
  if (!fields) co_return std::move(fields.failure());
  if (fields->username) {
    Outcome<Filled> name = co_await fill_in(page, keyboard, command, *fields->username, message.username);
    if (!name || *name == Filled::cut) co_return name;
  }
  if (!fields->password) {
    Outcome<> next = co_await keyboard.press(command, "Enter");
    if (!next) co_return std::move(next.failure());
    fields = co_await find_fields(page, command, message, Wanted::password);
    if (!fields) co_return std::move(fields.failure());
  }
  co_return co_await fill_in(page, keyboard, command, *fields->password, std::move(message.password));
}

}  // namespace

Work<browser::LoggedIn> login(Page& page, Compositor& compositor, Keyboard& keyboard, Command& command, browser::Login message) {
  if (!is_one_line(message.username) || !is_one_line(message.password)) {
    co_return failure(FailureCode::bad_request, "name and password must each be one line of characters that keys make");
  }
  Outcome<> sound = co_await check_selectors(page, command, message);
  if (!sound) co_return std::move(sound.failure());
  Outcome<Filled> filled = co_await fill_in_both(page, keyboard, command, message);
  if (!filled) co_return std::move(filled.failure());
  browser::LoggedIn answer;
  answer.credentials_truncated = *filled == Filled::cut;
  if (!answer.credentials_truncated) {
    command.begin_part(std::chrono::milliseconds(message.timeout_ms));
    Outcome<> sent = co_await submit(page, compositor, keyboard, command, message.submit_selector);
    if (!sent) co_return std::move(sent.failure());
    answer.submitted = true;
    if (message.success_selector) {
      answer.logged_in = co_await turns_true(page, command, "isSeen", *message.success_selector);
    } else {
      answer.logged_in = co_await password_goes(page, command, message.password_selector.value_or(std::string()));
    }
    if (command.cancelled()) co_return command.gave_up("");
    const char* url = webkit_web_view_get_uri(page.view());
    if (url != nullptr) answer.post_login_url = url;
  }
  answer.duration_ms = command.elapsed_ms();
  co_return answer;
}

}  // namespace driftstack::browser_webkit
