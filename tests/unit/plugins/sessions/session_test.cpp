#include "session.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <utility>

#include "driftstack/problem.hpp"

namespace driftstack::sessions {
namespace {

constexpr Status kAll[] = {Status::creating, Status::ready, Status::busy, Status::destroyed, Status::errored};
constexpr Event kEvents[] = {Event::driver_ready, Event::claimed, Event::released, Event::failed, Event::destroyed};

TEST_CASE("the state machine has exactly the transitions of the specification") {
  const std::map<std::pair<Status, Event>, Status> specified = {
      {{Status::creating, Event::driver_ready}, Status::ready},  {{Status::creating, Event::failed}, Status::errored},
      {{Status::creating, Event::destroyed}, Status::destroyed}, {{Status::ready, Event::claimed}, Status::busy},
      {{Status::ready, Event::failed}, Status::errored},         {{Status::ready, Event::destroyed}, Status::destroyed},
      {{Status::busy, Event::released}, Status::ready},          {{Status::busy, Event::failed}, Status::errored},
      {{Status::busy, Event::destroyed}, Status::destroyed}};
  for (const Status from : kAll) {
    for (const Event event : kEvents) {
      const auto found = specified.find({from, event});
      const auto wanted = found == specified.end() ? std::nullopt : std::optional(found->second);
      INFO("from " << static_cast<int>(from) << " event " << static_cast<int>(event));
      CHECK(next(from, event) == wanted);
    }
  }
}

TEST_CASE("nothing leaves a terminal status") {
  for (const Status from : kAll) {
    bool leaves = false;
    for (const Event event : kEvents) leaves = leaves || next(from, event).has_value();
    CHECK(leaves == !is_terminal(from));
  }
}

TEST_CASE("only a bad selector, a conflict and a timeout outside of navigate leave a session alive") {
  for (const Operation operation : {Operation::navigate, Operation::interact, Operation::wait, Operation::state, Operation::capture,
                                    Operation::extract, Operation::search, Operation::login}) {
    CHECK(aftermath(operation, Errc::bad_request) == Aftermath::lives);
    CHECK(aftermath(operation, Errc::conflict) == Aftermath::lives);
    CHECK(aftermath(operation, Errc::payload_too_large) == Aftermath::lives);
    const auto after_timeout = operation == Operation::navigate ? Aftermath::ends : Aftermath::lives;
    CHECK(aftermath(operation, Errc::session_timeout) == after_timeout);
    for (const Errc error : {Errc::driver_error, Errc::internal, Errc::cancelled, Errc::timeout, Errc::unreachable, Errc::misuse}) {
      CHECK(aftermath(operation, error) == Aftermath::ends);
    }
  }
}

}  // namespace
}  // namespace driftstack::sessions
