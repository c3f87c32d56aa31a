#include "accounts.hpp"

#include <utility>

#include "driftstack/roles/second_factor.hpp"
#include "driftstack/support/routes.hpp"
#include "migrations.hpp"
#include "teams/team_wire.hpp"
#include "time_zones.hpp"

namespace driftstack::identity {
namespace {

Error no_account() { return Error(Errc::not_found, "The account does not exist any more."); }

Edit edit_of(const std::optional<std::optional<Region>>& region) {
  if (!region) return std::nullopt;
  if (!*region) return Edit(std::in_place, std::nullopt);
  return Edit(std::in_place, std::string(wire::enum_text(**region)));
}

}  // namespace

AsyncResult<AccountView> Accounts::show(const Call& call) {
  auto account = co_await parts_.store.find_account(call, call.principal()->account);
  if (!account) co_return std::move(account).error();
  if (!*account) co_return no_account();
  co_return co_await view_of(call, std::move(**account));
}

AsyncResult<AccountView> Accounts::edit(const Call& call, AccountPatch patch) {
  if (patch.timezone && *patch.timezone) {
    auto checked = co_await check_zone(call, **patch.timezone);
    if (!checked) co_return std::move(checked).error();
  }
  AccountEdit edit;
  edit.name = std::move(patch.name);
  edit.timezone = std::move(patch.timezone);
  edit.slug = std::move(patch.slug);
  edit.region = edit_of(patch.region);
  auto account = co_await parts_.store.edit_account(call, call.principal()->account, std::move(edit));
  if (!account && account.error().constraint == kSlugTaken) co_return Error(Errc::conflict, "The slug is taken.");
  if (!account) co_return std::move(account).error();
  if (!*account) co_return no_account();
  co_return co_await view_of(call, std::move(**account));
}

AsyncResult<AccountView> Accounts::view_of(const Call& call, Account account) {
  const TierCaps caps = parts_.tiers.caps(account.tier);
  AccountView view;
  view.id = AccountId(account.id);
  view.email = std::move(account.email);
  view.name = std::move(account.name);
  view.tier = std::move(account.tier);
  view.status = account.status;
  view.timezone = std::move(account.timezone);
  view.slug = std::move(account.slug);
  view.region = std::move(account.region);
  view.concurrent_session_cap = caps.concurrent_sessions;
  view.profile_cap = caps.profiles;
  auto joined = co_await parts_.teams.list_joined(call, account.id);
  if (!joined) co_return std::move(joined).error();
  for (const JoinedTeam& team : *joined) view.teams.push_back(identity::view_of(team));
  if (auto* const factor = parts_.host.find<SecondFactor>()) {
    auto enrolled = co_await factor->is_enrolled(call, account.id);
    if (!enrolled) co_return std::move(enrolled).error();
    view.mfa_enrolled = *enrolled;
  }
  if (auto* const usage = parts_.host.find<AccountUsage>()) {
    auto sessions = co_await usage->active_sessions(call, account.id);
    if (!sessions) co_return std::move(sessions).error();
    auto profiles = co_await usage->profiles(call, account.id);
    if (!profiles) co_return std::move(profiles).error();
    view.concurrent_session_active = *sessions;
    view.profile_count = *profiles;
  }
  co_return view;
}

AsyncResult<> Accounts::check_zone(const Call& call, std::string name) {
  Scheduler& scheduler = parts_.host.scheduler();
  co_await on_workers(scheduler);
  const TimeZoneCheck check = check_time_zone(name);
  co_await on_io(scheduler, call.io_thread());
  if (check == TimeZoneCheck::known) co_return Done();
  if (check == TimeZoneCheck::no_database) {
    co_return Error(Errc::feature_unavailable, "Time zones cannot be checked: the package tzdata is not installed on the server.");
  }
  wire::Issues issues;
  issues.add("timezone", wire::IssueCode::enumeration, "must be a name of the IANA time zone database");
  co_return validation_error(issues);
}

}  // namespace driftstack::identity
