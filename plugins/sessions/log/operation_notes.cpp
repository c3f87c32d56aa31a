#include "log/operation_notes.hpp"

#include <type_traits>
#include <utility>
#include <variant>

#include "driftstack/problem.hpp"
#include "driftstack/support/utf8.hpp"
#include "driftstack/support/wire.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::size_t kMostMessage = 500;
constexpr std::size_t kMostSelector = 500;
constexpr std::size_t kMostUrl = 4096;
constexpr std::int64_t kMicrosOfDay = std::int64_t{24} * 3600 * 1'000'000;
constexpr std::int32_t kFirstErrorStatus = 400;  // RFC 9110 section 15

struct ActionData {
  std::string operation;
  std::optional<std::string> action, selector;
  std::string outcome;  ///< `ok`, or the slug of the problem
  std::int64_t duration_ms = 0;
  static constexpr auto shape = wire::object(wire::field<&ActionData::operation>("operation"), wire::field<&ActionData::action>("action"),
                                             wire::field<&ActionData::selector>("selector"), wire::field<&ActionData::outcome>("outcome"),
                                             wire::field<&ActionData::duration_ms>("duration_ms"));
};

struct NavigationData {
  std::string requested_url;
  std::optional<std::int32_t> status;
  std::optional<std::int64_t> duration_ms;
  static constexpr auto shape =
      wire::object(wire::field<&NavigationData::requested_url>("requested_url"), wire::field<&NavigationData::status>("status"),
                   wire::field<&NavigationData::duration_ms>("duration_ms"));
};

std::string shortened(std::string_view text, std::size_t bytes) { return std::string(utf8_prefix(text, bytes)); }

}  // namespace

ActionFacts facts_of(const browser::Action& action) {
  return std::visit(
      [](const auto& one) {
        using Kind = std::remove_cvref_t<decltype(one)>;
        ActionFacts facts;
        facts.kind = Kind::kTag;
        if constexpr (requires { one.selector; }) {
          facts.selector = one.selector;
          if (facts.selector) facts.selector = shortened(*facts.selector, kMostSelector);
        }
        return facts;
      },
      action);
}

LogPlace OperationNotes::place_of(const Call& call, const SessionId& session) const {
  LogPlace place;
  place.account = call.principal()->effective_account;
  place.session = session;
  place.days = accounts_.caps(call.principal()->effective_tier.view()).session_log_days;
  return place;
}

LogEntry OperationNotes::begin(const LogPlace& place, LogKind kind) const {
  LogEntry entry;
  entry.account = place.account;
  entry.session = place.session;
  entry.kind = kind;
  entry.expires_at = clock_.unix_micros() + place.days * kMicrosOfDay;
  return entry;
}

void OperationNotes::note_action(const Call& call, const SessionId& session, Operation operation, const ActionFacts& facts, Moment begun,
                                 const Error* error) {
  note_action(place_of(call, session), operation, facts, begun, error);
}

void OperationNotes::note_action(const LogPlace& place, Operation operation, const ActionFacts& facts, Moment begun, const Error* error) {
  LogEntry entry = begin(place, LogKind::action);
  ActionData data;
  data.operation = name_of(operation);
  data.action = facts.kind;
  data.selector = facts.selector;
  data.outcome = error == nullptr ? std::string_view("ok") : problem_kind(error->code).slug;
  data.duration_ms = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - begun).count();
  entry.level = error == nullptr ? EntryLevel::info : EntryLevel::error;
  entry.message = data.operation + (facts.kind ? " " + *facts.kind : std::string()) + ": ";
  entry.message += error == nullptr ? std::string("ok") : shortened(error->detail, kMostMessage);
  entry.data = wire::to_text(data);
  log_.note(std::move(entry));
}

void OperationNotes::note_navigation(const Call& call, const SessionId& session, const std::string& url,
                                     const Result<browser::Navigated>& outcome) {
  // Errors from before the browser was asked are no navigations: no such session, busy, ended.
  const bool asked = outcome || outcome.error().code == Errc::driver_error || outcome.error().code == Errc::session_timeout;
  if (!asked) return;
  LogEntry entry = begin(place_of(call, session), LogKind::navigation);
  NavigationData data;
  data.requested_url = shortened(url, kMostUrl);
  entry.url = shortened(outcome ? outcome->final_url : url, kMostUrl);
  if (outcome) {
    data.status = outcome->status;
    data.duration_ms = outcome->duration_ms;
    entry.level = outcome->status >= kFirstErrorStatus ? EntryLevel::warn : EntryLevel::info;
    entry.message = std::to_string(outcome->status) + " " + *entry.url;
  } else {
    entry.level = EntryLevel::error;
    entry.message = shortened(outcome.error().detail, kMostMessage);
  }
  entry.data = wire::to_text(data);
  log_.note(std::move(entry));
}

}  // namespace driftstack::sessions
