#include "view/view_stream.hpp"

#include <chrono>
#include <type_traits>
#include <utility>
#include <variant>

#include "driftstack/problem.hpp"
#include "driftstack/support/json.hpp"
#include "driftstack/support/routes.hpp"
#include "view/view_wire.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::int64_t kLookMs = 500;  // also how long a viewer may outlive its token, and a refusal wait to be told
constexpr std::chrono::seconds kFrameLimit{10};
constexpr std::chrono::seconds kInputLimit{15};  // a little over the backend's own
constexpr char kWholePicture = 1;

void append_number(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFF);
}

Result<browser::Input> read_input(const SocketMessage& message) {
  if (message.kind != SocketMessage::Kind::text || !wire::Json::parse(message.data))
    return Error(Errc::bad_request, "Input is one JSON object in a text message.");
  body::HandInput input;
  wire::Issues issues;
  if (wire::read("{\"input\":" + message.data + "}", input, issues) != wire::Outcome::ok) return validation_error(issues);
  return std::move(input.input);
}

/// What the log says of an input: its kind, never what was typed or pressed.
std::string_view kind_of(const browser::Input& input) {
  return std::visit([](const auto& one) { return std::remove_cvref_t<decltype(one)>::kTag; }, input);
}

}  // namespace

std::string frame_message(const browser::Frame& frame) {
  std::string message(1, kWholePicture);
  message.reserve(frame.image.data.size() + 9);
  append_number(message, static_cast<std::uint64_t>(frame.sequence), 4);
  append_number(message, static_cast<std::uint64_t>(frame.width), 2);
  append_number(message, static_cast<std::uint64_t>(frame.height), 2);
  return message += frame.image.data;
}

AsyncResult<std::optional<SocketMessage>> ViewStream::next(const Call& call) {
  while (!stopped_.load()) {
    if (host_.clock().unix_micros() >= token_.expires_at) co_return Error(Errc::unauthorized, "The view token has expired.");
    if (auto refusal = take_refusal()) {
      std::optional<SocketMessage> told(std::in_place, SocketMessage::Kind::text, *std::move(refusal));
      co_return std::move(told);
    }
    browser::NextFrame asked;
    asked.session_id = token_.session.to_text();
    asked.after = seen_;
    asked.timeout_ms = kLookMs;
    const Call frame_call(std::string(call.request_id()), call.io_thread(), host_.clock().steady() + kFrameLimit);
    auto frame = co_await view_.next_frame(frame_call, std::move(asked));
    if (!frame) break;  // the session has ended
    if (frame->sequence != 0) {
      seen_ = frame->sequence;
      std::optional<SocketMessage> picture(std::in_place, SocketMessage::Kind::binary, frame_message(*frame));
      co_return std::move(picture);
    }
  }
  co_return std::optional<SocketMessage>();
}

AsyncResult<> ViewStream::receive(const Call& call, SocketMessage message) {
  if (token_.mode != ViewMode::control) co_return Error(Errc::forbidden, "This token is for looking only.");
  auto input = read_input(message);
  if (!input) co_return std::move(input).error();
  const InFlight::Token running(in_flight_);
  const Moment begun = host_.clock().steady();
  const Status found = session_->claim(Operation::control, begun + kInputLimit);
  if (found == Status::busy) refuse("busy", "An operation that began before still runs.");
  if (found != Status::ready) co_return Done();  // an end is told by the pictures
  ActionFacts facts;
  facts.kind = kind_of(*input);
  const bool worth_noting = !std::holds_alternative<browser::HoverAt>(*input);
  auto done = co_await carry_out(call, *std::move(input));
  co_await on_io(host_.scheduler(), call.io_thread());
  session_->release();
  if (!done) refuse(std::string(problem_kind(done.error().code).slug), done.error().detail);
  LogPlace place;
  place.account = token_.account;
  place.session = token_.session;
  place.days = token_.log_days;
  if (worth_noting) notes_.note_action(place, Operation::control, facts, begun, done ? nullptr : &done.error());
  co_return Done();
}

AsyncResult<> ViewStream::carry_out(const Call& call, browser::Input input) {
  browser::SendInput message;
  message.session_id = token_.session.to_text();
  message.input = std::move(input);
  const Call input_call(std::string(call.request_id()), call.io_thread(), host_.clock().steady() + kInputLimit);
  auto done = co_await view_.send_input(input_call, std::move(message));
  if (!done) co_return std::move(done).error();
  co_return Done();
}

void ViewStream::refuse(std::string code, std::string detail) {
  body::InputRefused refused;
  refused.code = std::move(code);
  refused.detail = std::move(detail);
  const std::lock_guard lock(mutex_);
  refusal_ = wire::to_text(refused);
}

std::optional<std::string> ViewStream::take_refusal() {
  const std::lock_guard lock(mutex_);
  return std::exchange(refusal_, std::nullopt);
}

}  // namespace driftstack::sessions
