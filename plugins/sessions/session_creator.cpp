#include "session_creator.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include "driftstack/support/issues.hpp"
#include "driftstack/support/routes.hpp"
#include "profiles/profile_wire.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::size_t kOpenIdsShown = 100;  // a page's worth (platform.md 7); accounts with more sessions list them

// What the caller sent, then the profile: stamped keys win over the caller's (sessions.md 4.1).
std::string stamped(const std::optional<wire::Json>& metadata, const Profile& profile) {
  std::string text = "{";
  const auto members = metadata ? metadata->view().members() : std::vector<wire::JsonMember>();
  for (const wire::JsonMember& member : members) {
    if (member.key == "profile_id" || member.key == "profile_name") continue;
    wire::append_json_string(text, member.key);
    text += ':';
    text += member.value.text();
    text += ',';
  }
  text += "\"profile_id\":\"" + profile.id.to_text() + "\",\"profile_name\":";
  wire::append_json_string(text, profile.name);
  return text + "}";
}

Session new_session(const Principal& caller, body::SessionCreate wanted, std::string archetype, std::int64_t now) {
  Session session;
  session.id = SessionId::random();
  session.account = caller.effective_account;
  if (caller.kind == CredentialKind::api_key) session.api_key = caller.credential;
  session.archetype = std::move(archetype);
  session.label = std::move(wanted.label);
  if (wanted.metadata) session.metadata = wanted.metadata->text();
  session.created_at = session.updated_at = now;
  return session;
}

AuditEntry created_entry(const Call& call, const Session& session) {
  AuditEntry entry = AuditEntry::by_caller(call, "session.created");
  entry.target = session.id.to_text();
  std::string payload = "{\"label\":";
  if (session.label) {
    wire::append_json_string(payload, *session.label);
  } else {
    payload += "null";
  }
  payload += ",\"archetype\":";
  wire::append_json_string(payload, session.archetype);
  entry.payload = payload + "}";
  return entry;
}

Error concurrency_limit(const Admission& admission, std::int64_t limit) {
  const std::vector<SessionId>& open = admission.open;
  std::string ids;
  for (std::size_t i = 0; i < open.size() && i < kOpenIdsShown; ++i) ids += (i == 0 ? "\"" : ",\"") + open[i].to_text() + "\"";
  const std::string current = std::to_string(admission.taken);
  const std::string permitted = std::to_string(limit);
  return Error(Errc::concurrency_limit, "Account already has " + current + " active sessions; tier permits " + permitted + ".")
      .with_members("\"current_sessions\":" + current + ",\"limit\":" + permitted + ",\"open_session_ids\":[" + ids +
                    "],\"open_session_ids_truncated\":" + (open.size() > kOpenIdsShown ? "true" : "false"));
}

}  // namespace

AsyncResult<std::string> SessionCreator::create(const Call& call, body::SessionCreate wanted, IdempotencyRecord* record) {
  const InFlight::Token token(in_flight_);
  auto checked = check(wanted);
  if (!checked) co_return std::move(checked).error();
  auto profile = co_await find_profile(call, wanted);
  if (!profile) co_return std::move(profile).error();
  auto out = co_await way_out(call, wanted, *profile);
  if (!out) co_return std::move(out).error();
  std::string archetype = wanted.archetype.value_or(*profile ? (*profile)->archetype : catalog_.default_id());
  if (*profile) wanted.metadata = wire::Json::from_compact(stamped(wanted.metadata, **profile));
  Session session = new_session(*call.principal(), std::move(wanted), std::move(archetype), host_.clock().unix_micros());
  if (*profile) session.profile = (*profile)->id.uuid();
  if (out->proxy) session.proxy = out->proxy->id;
  auto admitted = co_await admit(call, session);
  if (!admitted) co_return std::move(admitted).error();
  const auto live = keep_alive(call, session);
  std::optional<ProfileSeat> seat;
  if (*profile) seat.emplace(ProfileRef(session.account, (*profile)->id.uuid()), (*profile)->state_revision);
  auto started = co_await start_browser(call, live, session.archetype, *std::move(out), seat);
  if (!started) co_return std::move(started).error();
  co_return co_await settle(call, live, std::move(session), record);
}

// The order is part of the contract: the raw proxy before everything, every refusal before a row or a browser.
Result<> SessionCreator::check(const body::SessionCreate& wanted) const {
  if (wanted.proxy) return Error(Errc::bad_request, "A session takes no proxy of its own: save the proxy and name it with proxy_id.");
  if (backend_ == nullptr) return Error(Errc::driver_not_integrated, "No browser backend runs on this server.");
  if (closed_.load()) return Error(Errc::feature_unavailable, "The server stops.");
  if (wanted.archetype && !catalog_.contains(*wanted.archetype)) {
    wire::Issues issues;
    issues.add("archetype", wire::IssueCode::enumeration, "must be an id that GET /v1/archetypes lists");
    return validation_error(issues);
  }
  return Done();
}

AsyncResult<std::optional<Profile>> SessionCreator::find_profile(const Call& call, const body::SessionCreate& wanted) {
  if (!wanted.profile_id) co_return std::optional<Profile>();
  const auto id = profile_id_from_input(*wanted.profile_id);
  if (!id) co_return no_such_profile();
  auto found = co_await profiles_.find(call, call.principal()->effective_account, *id);
  if (found && !*found) co_return no_such_profile();
  co_return std::move(found);
}

// After every refusal that costs nothing: trying a proxy takes its time.
AsyncResult<WayOut> SessionCreator::way_out(const Call& call, const body::SessionCreate& wanted, const std::optional<Profile>& profile) {
  auto proxy = co_await gate_.choose(call, wanted.proxy_id, profile);
  if (!proxy) co_return std::move(proxy).error();
  WayOut out;
  out.proxy = *std::move(proxy);
  for (const HostName& domain : wanted.allowed_domains) out.allowed_domains.push_back(domain.text());
  for (const HostName& domain : wanted.blocked_domains) out.blocked_domains.push_back(domain.text());
  if (!out.proxy) co_return std::move(out);
  auto admitted = co_await gate_.admit(call, *out.proxy);
  if (!admitted) co_return std::move(admitted).error();
  co_return std::move(out);
}

AsyncResult<> SessionCreator::admit(const Call& call, const Session& session) {
  const TierCaps caps = accounts_.caps(call.principal()->effective_tier.view());
  const std::int64_t limit = caps.concurrent_sessions;
  std::optional<ProfileClaim> claim;
  if (session.profile) {
    claim.emplace();
    claim->account = session.account;
    claim->profile = ProfileId(*session.profile);
    if (caps.storage_hard_stop) claim->storage_cap = caps.storage_bytes;
    claim->tier = call.principal()->effective_tier.view();
  }
  const AuditEntry entry = created_entry(call, session);
  auto admission = co_await store_.insert(call, session, limit, entry, claim);
  if (!admission) co_return std::move(admission).error();
  if (!admission->admitted) co_return concurrency_limit(*admission, limit);
  co_return Done();
}

std::shared_ptr<LiveSession> SessionCreator::keep_alive(const Call& call, const Session& session) {
  const Moment now = host_.clock().steady();
  std::optional<Moment> expires_at;
  if (const auto minutes = accounts_.caps(call.principal()->effective_tier.view()).max_session_minutes) {
    expires_at = now + std::chrono::minutes(*minutes);
  }
  auto live = std::make_shared<LiveSession>(session.id, session.account, now + kStartLimit, expires_at);
  registry_.add(live);
  // After add: whoever closes first and then ends all sessions cannot miss this one.
  if (closed_.load()) live->end(Ending(EndReason::server, host_.clock().unix_micros(), "The server stops."));
  return live;
}

AsyncResult<> SessionCreator::start_with_state(const Call& call, browser::Start message, std::optional<ProfileSeat>& seat) {
  if (seat) {
    auto state = co_await keeper_.open(call, *seat);
    if (!state) co_return Error(Errc::driver_error, "the state of the profile cannot be opened");
    message.keeps_state = true;
    message.state = std::move(*state);
  }
  auto started = co_await backend_->start(call, std::move(message));
  co_await on_io(host_.scheduler(), call.io_thread());
  co_return started;
}

AsyncResult<> SessionCreator::start_browser(const Call& call, const std::shared_ptr<LiveSession>& live, const std::string& archetype,
                                            WayOut way_out, std::optional<ProfileSeat> seat) {
  // A call of its own: a client that goes away does not undo the session, it can list it or repeat with its key.
  Call start_call(std::string(call.request_id()), call.io_thread(), host_.clock().steady() + kStartLimit);
  browser::Start message;
  message.session_id = live->id().to_text();
  // A profile keeps its archetype after nobody offers it any more, and stays launchable (sessions.md 9).
  message.archetype = catalog_.contains(archetype) ? archetype : catalog_.default_id();
  if (way_out.proxy) message.proxy = std::move(way_out.proxy->proxy);
  message.allowed_domains = std::move(way_out.allowed_domains);
  message.blocked_domains = std::move(way_out.blocked_domains);
  auto started = co_await start_with_state(start_call, std::move(message), seat);
  if (started && seat) live->take_seat(*seat);
  if (started && !live->ending()) co_return Done();
  bool decided_it = false;
  if (!started) {
    const std::string detail = "The browser could not be started: " + started.error().detail;
    decided_it = live->end(Ending(EndReason::driver, host_.clock().unix_micros(), detail));
  }
  (void)co_await ender_.carry_out(live);
  Error refusal = error_of(*live->ending());
  if (decided_it && started.error().code == Errc::driver_not_integrated) refusal.code = Errc::driver_not_integrated;
  co_return refusal;
}

AsyncResult<std::string> SessionCreator::settle(const Call& call, const std::shared_ptr<LiveSession>& live, Session session,
                                                IdempotencyRecord* record) {
  session.status = Status::ready;
  session.updated_at = host_.clock().unix_micros();
  std::string answer = wire::to_text(body::show(session, call.principal()->role));
  auto changed = co_await store_.become_ready(call, session.id, session.updated_at, record, answer);
  if (changed && *changed) {
    live->become_ready();
    co_return std::move(answer);
  }
  const std::string detail = changed ? "The session ended while it started." : "The session could not be stored: " + changed.error().detail;
  live->end(Ending(EndReason::server, host_.clock().unix_micros(), detail));
  (void)co_await ender_.carry_out(live);
  if (!changed) co_return std::move(changed).error();
  co_return Error(Errc::session_destroyed, "The session ended while it started.");
}

}  // namespace driftstack::sessions
