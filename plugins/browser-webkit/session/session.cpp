#include "session.hpp"

#include <glib-unix.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "actions/capture.hpp"
#include "actions/interact.hpp"
#include "actions/login.hpp"
#include "actions/navigate.hpp"
#include "actions/read.hpp"
#include "actions/search.hpp"
#include "actions/wait.hpp"
#include "engine_environment.hpp"
#include "state/cookies.hpp"
#include "state/engine_end.hpp"
#include "state/saved_state.hpp"
#include "view/hand_input.hpp"

namespace driftstack::browser_webkit {
namespace {

// Commands without a time of their own in the contract.
constexpr std::chrono::milliseconds kStartLimit{20'000};
constexpr std::chrono::milliseconds kReadLimit{15'000};
constexpr std::chrono::milliseconds kCaptureLimit{30'000};
constexpr std::chrono::milliseconds kSaveLimit{20'000};
constexpr std::chrono::milliseconds kInputLimit{5'000};
// After an action the page may still be painting its consequences, or be about to load another one.
constexpr std::chrono::milliseconds kSettleTime{250};

template <class Message>
std::chrono::milliseconds limit_of(const Message& message) {
  return std::chrono::milliseconds(message.timeout_ms);
}
std::chrono::milliseconds limit_of(const protocol::Start&) { return kStartLimit; }
std::chrono::milliseconds limit_of(const browser::GetState&) { return kReadLimit; }
std::chrono::milliseconds limit_of(const browser::Extract&) { return kReadLimit; }
std::chrono::milliseconds limit_of(const browser::Capture&) { return kCaptureLimit; }
std::chrono::milliseconds limit_of(const browser::Search& message) {
  return std::chrono::milliseconds(browser::kFillInMs + message.timeout_ms);
}
std::chrono::milliseconds limit_of(const browser::Login& message) {
  return std::chrono::milliseconds(browser::kFillInMs + message.timeout_ms);
}
std::chrono::milliseconds limit_of(const browser::SaveState&) { return kSaveLimit; }
std::chrono::milliseconds limit_of(const browser::SendInput&) { return kInputLimit; }

/// A dialog that is open waits for one command: its answer.
template <class Message>
Dialogs::Open open_dialog_under(const Message&) {
  return Dialogs::Open::dismiss;
}
Dialogs::Open open_dialog_under(const browser::Interact& message) {
  return std::holds_alternative<browser::AnswerDialog>(message.action) ? Dialogs::Open::keep : Dialogs::Open::dismiss;
}

Dialogs::Open open_dialog_under(const browser::SendInput& message) {
  return std::holds_alternative<browser::AnswerDialog>(message.input) ? Dialogs::Open::keep : Dialogs::Open::dismiss;
}

}  // namespace

Session::Session(int control, std::string directory)
    : directory_(std::move(directory)),
      channel_(
          control, [this](protocol::Request request, MemoryFile attached) { take(std::move(request), std::move(attached)); },
          [] { _exit(EXIT_SUCCESS); }),
      frame_ready_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      tap_([this](std::string frame) {
        {
          const std::lock_guard lock(frame_mutex_);
          frame_ = std::move(frame);
        }
        eventfd_write(frame_ready_, 1);
      }) {
  g_unix_fd_add(frame_ready_, G_IO_IN, on_frame_ready, this);
}

void Session::end(const std::string& reason) {
  channel_.report_gone(reason);
  _exit(EXIT_FAILURE);
}

void Session::take(protocol::Request request, MemoryFile attached) {
  using protocol::Method;
  if (request.method == Method::save_state && command_) {
    saving_ = std::move(request);
    return command_->cancel();
  }
  if (request.method == Method::cancel) {
    if (command_) command_->cancel();
    return;
  }
  if (request.method == Method::look) return look(request);
  if (request.method == Method::ping) return channel_.answer(request.id, protocol::Empty());
  const bool in_order = !command_ && !saved_ && (request.method == Method::start) == !page_;
  if (!in_order) return channel_.refuse(request.id, failure(FailureCode::bad_request, "this command cannot run now"));
  state_ = std::move(attached);
  run(std::move(request));
}

void Session::run(protocol::Request request) {
  using protocol::Method;
  switch (request.method) {
    case Method::start:
      return detach(act(std::move(request), &Session::start));
    case Method::navigate:
      return detach(act(std::move(request), &Session::navigate));
    case Method::interact:
      return detach(act(std::move(request), &Session::interact));
    case Method::wait:
      return detach(act(std::move(request), &Session::wait));
    case Method::state:
      return detach(act(std::move(request), &Session::state));
    case Method::capture:
      return detach(act(std::move(request), &Session::capture));
    case Method::extract:
      return detach(act(std::move(request), &Session::extract));
    case Method::search:
      return detach(act(std::move(request), &Session::search));
    case Method::login:
      return detach(act(std::move(request), &Session::login));
    case Method::save_state:
      return detach(act(std::move(request), &Session::save_state));
    case Method::send_input:
      return detach(act(std::move(request), &Session::send_input));
    case Method::ping:
    case Method::look:
    case Method::cancel:
      return;  // answered before
  }
}

template <class Message, class Result>
Task<void> Session::act(protocol::Request request, Work<Result> (Session::*work)(Message)) {
  Message message;
  wire::Issues issues;
  if (wire::read(request.params.text(), message, issues) != wire::Outcome::ok) {
    channel_.refuse(request.id, failure(FailureCode::bad_request, issues.summary()));
    co_return;
  }
  command_ = std::make_unique<Command>(limit_of(message));
  if (page_) page_->dialogs().command_begins(open_dialog_under(message));
  Outcome<Result> outcome = co_await (this->*work)(std::move(message));
  if (page_) page_->dialogs().command_ends();
  settled_at_ = SteadyClock::now() + kSettleTime;
  const std::unique_ptr<Command> finished = std::move(command_);
  reply(request.id, outcome, *finished);
  if (saving_) take(*std::exchange(saving_, std::nullopt), MemoryFile());
}

template <class Result>
void Session::reply(std::int64_t id, Outcome<Result>& outcome, const Command&) {
  if (!outcome) return channel_.refuse(id, outcome.failure());
  channel_.answer(id, *outcome);
}

void Session::reply(std::int64_t id, Outcome<Attachment>& outcome, const Command& command) {
  if (!outcome) return channel_.refuse(id, outcome.failure());
  protocol::Captured captured;
  captured.duration_ms = command.elapsed_ms();
  channel_.answer(id, captured, *outcome);
}

void Session::reply(std::int64_t id, Outcome<MemoryFile>& outcome, const Command&) {
  if (!outcome) return channel_.refuse(id, outcome.failure());
  channel_.answer(id, protocol::Empty(), *outcome);
}

bool Session::is_idle() const { return !command_ && page_ && !page_->loads().loading() && SteadyClock::now() >= settled_at_; }

Work<protocol::Empty> Session::start(protocol::Start settings) {
  std::optional<KeyMap> keys = KeyMap::us();
  if (!keys) co_return failure(FailureCode::internal, "the keyboard data (xkb-data) is missing");
  Screen screen;
  screen.width = settings.width;
  screen.height = settings.height;
  screen.scale = settings.scale;
  compositor_ = Compositor::start(screen, kDisplayName, keys->text());
  if (!compositor_) co_return failure(FailureCode::internal, "the display could not be made");
  set_display_environment(compositor_->take_client_socket());
  if (!gtk_init_check(nullptr, nullptr)) co_return failure(FailureCode::internal, "the toolkit did not start");
  SavedPages before;
  if (state_) {
    Outcome<SavedPages> unpacked = unpack_state(state_, directory_);
    if (!unpacked) co_return std::move(unpacked.failure());
    before = std::move(*unpacked);
    state_ = MemoryFile();
  }
  page_ = std::make_unique<Page>(settings, directory_, [this](const std::string& reason) { end(reason); });
  keyboard_ = std::make_unique<Keyboard>(*page_, *compositor_, std::move(*keys));
  if (settings.keeps_state || !before.storage.areas.empty()) {
    storage_ = std::make_unique<SessionStorage>(page_->content(), std::move(before.storage));
  }
  Outcome<> prepared = co_await page_->prepare(*command_);
  if (!prepared) co_return std::move(prepared.failure());
  if (before.cookies.empty()) co_return protocol::Empty();
  Outcome<> replaced = co_await replace_cookies(page_->view(), *command_, std::move(before.cookies));
  if (!replaced) co_return std::move(replaced.failure());
  co_return protocol::Empty();
}

Work<browser::Navigated> Session::navigate(browser::Navigate message) {
  return browser_webkit::navigate(*page_, *command_, std::move(message));
}

Work<browser::Interacted> Session::interact(browser::Interact message) {
  Outcome<> done = co_await browser_webkit::interact(*page_, *compositor_, *keyboard_, *command_, std::move(message));
  if (!done) co_return std::move(done.failure());
  browser::Interacted result;
  result.duration_ms = command_->elapsed_ms();
  co_return result;
}

Work<browser::Waited> Session::wait(browser::Wait message) { return browser_webkit::wait(*page_, *command_, std::move(message)); }

Work<browser::State> Session::state(browser::GetState) { return browser_webkit::state(*page_, *command_); }

Work<Attachment> Session::capture(browser::Capture message) {
  return browser_webkit::capture(*page_, *compositor_, *command_, std::move(message));
}

Work<browser::Extracted> Session::extract(browser::Extract message) {
  return browser_webkit::extract(*page_, *command_, std::move(message));
}

Work<browser::Searched> Session::search(browser::Search message) {
  return browser_webkit::search(*page_, *keyboard_, *command_, std::move(message));
}

Work<browser::LoggedIn> Session::login(browser::Login message) {
  return browser_webkit::login(*page_, *compositor_, *keyboard_, *command_, std::move(message));
}

Work<browser::Interacted> Session::send_input(browser::SendInput message) {
  Outcome<> done = co_await hand_input(*page_, *compositor_, *keyboard_, *command_, std::move(message.input));
  if (!done) co_return std::move(done.failure());
  browser::Interacted result;
  result.duration_ms = command_->elapsed_ms();
  co_return result;
}

void Session::look(const protocol::Request& request) {
  protocol::Look asked;
  wire::Issues issues;
  if (!page_ || wire::read(request.params.text(), asked, issues) != wire::Outcome::ok) return;
  if (!asked.on) {
    compositor_->watch(nullptr);
    return tap_.end();
  }
  const bool first = !tap_.open();
  tap_.ask();
  if (!first) return;
  compositor_->watch([this](const PixelView& pixels) { tap_.painted(pixels); });
  gtk_widget_queue_draw(GTK_WIDGET(page_->view()));  // a page at rest is not painted by itself
  settled_at_ = SteadyClock::now() + kSettleTime;
}

gboolean Session::on_frame_ready(gint descriptor, GIOCondition, gpointer self) {
  eventfd_t count = 0;
  eventfd_read(descriptor, &count);
  static_cast<Session*>(self)->send_frame();
  return G_SOURCE_CONTINUE;
}

void Session::send_frame() {
  std::optional<std::string> frame;
  {
    const std::lock_guard lock(frame_mutex_);
    frame = std::exchange(frame_, std::nullopt);
  }
  if (!frame || !page_) return;
  const std::optional<Attachment> jpeg = Attachment::of(*frame);
  if (!jpeg) return tap_.ask();  // memory is short; the next one may have room
  protocol::FrameSize size;
  size.width = page_->width();
  size.height = page_->height();
  channel_.report_frame(size, *jpeg);
}

Work<MemoryFile> Session::save_state(browser::SaveState) {
  if (!storage_) co_return failure(FailureCode::bad_request, "this session keeps no state");
  saved_ = true;
  compositor_->watch(nullptr);
  tap_.end();
  co_await page_->leave(*command_);
  Outcome<std::vector<browser::Cookie>> cookies = co_await all_cookies(page_->view(), *command_);
  if (!cookies) co_return std::move(cookies.failure());
  SavedPages pages;
  pages.cookies = std::move(*cookies);
  pages.storage = storage_->areas();
  if (!engine_runs()) co_return failure(FailureCode::internal, "the engine's processes cannot be seen");
  storage_.reset();
  keyboard_.reset();
  page_.reset();
  Outcome<> ended = co_await engine_ended(*command_);
  if (!ended) co_return std::move(ended.failure());
  co_return pack_state(directory_, pages);
}

}  // namespace driftstack::browser_webkit
