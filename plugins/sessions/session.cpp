#include "session.hpp"

namespace driftstack::sessions {
namespace {

struct Transition {
  Status from;
  Event event;
  Status to;
};

constexpr Transition kTransitions[] = {
    {Status::creating, Event::driver_ready, Status::ready},  {Status::creating, Event::failed, Status::errored},
    {Status::creating, Event::destroyed, Status::destroyed}, {Status::ready, Event::claimed, Status::busy},
    {Status::ready, Event::failed, Status::errored},         {Status::ready, Event::destroyed, Status::destroyed},
    {Status::busy, Event::released, Status::ready},          {Status::busy, Event::failed, Status::errored},
    {Status::busy, Event::destroyed, Status::destroyed},
};

}  // namespace

std::optional<Status> next(Status from, Event event) noexcept {
  for (const Transition& transition : kTransitions)
    if (transition.from == from && transition.event == event) return transition.to;
  return std::nullopt;
}

std::string_view name_of(Operation operation) noexcept {
  switch (operation) {
    case Operation::navigate:
      return "navigate";
    case Operation::interact:
      return "interact";
    case Operation::wait:
      return "wait";
    case Operation::state:
      return "state";
    case Operation::capture:
      return "capture";
    case Operation::extract:
      return "extract";
    case Operation::search:
      return "search";
    case Operation::login:
      return "login";
    case Operation::view_token:
      return "view-token";
    case Operation::control:
      return "control";
  }
  return "unknown";
}

Aftermath aftermath(Operation operation, Errc error) noexcept {
  switch (error) {
    case Errc::bad_request:
    case Errc::conflict:
    case Errc::payload_too_large:
      return Aftermath::lives;
    case Errc::session_timeout:
      return operation == Operation::navigate ? Aftermath::ends : Aftermath::lives;
    default:
      return Aftermath::ends;
  }
}

std::string_view name_of(EndReason reason) noexcept {
  switch (reason) {
    case EndReason::customer:
      return "customer";
    case EndReason::duration_cap:
      return "duration_cap";
    case EndReason::driver:
      return "driver";
    case EndReason::runtime:
      return "runtime";
    case EndReason::server:
      return "server";
  }
  return "unknown";
}

}  // namespace driftstack::sessions
