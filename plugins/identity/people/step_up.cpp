#include "step_up.hpp"

#include <string>
#include <utility>

#include "driftstack/roles/second_factor.hpp"

namespace driftstack::identity {
namespace {

Error stale(std::string_view reason) {
  return Error(Errc::mfa_step_up_required, "A fresh second factor is needed for this action.")
      .with_members(R"("requires_mfa_step_up":true,"reason":")" + std::string(reason) + "\"");
}

}  // namespace

AsyncResult<> StepUp::check(const Call& call) {
  const Principal& caller = *call.principal();
  if (caller.kind != CredentialKind::web_session) co_return Done();
  auto* const factor = parts_.host.find<SecondFactor>();
  if (factor == nullptr) co_return Done();
  auto session = co_await parts_.store.find_session_of(call, caller.account, caller.credential);
  if (!session) co_return std::move(session).error();
  const auto satisfied = *session ? (**session).mfa_satisfied_at : std::nullopt;
  if (satisfied && parts_.clock.unix_micros() - *satisfied <= kFactorFreshness) co_return Done();
  auto enrolled = co_await factor->is_enrolled(call, caller.account);
  if (!enrolled) co_return std::move(enrolled).error();
  if (!*enrolled) co_return Done();
  co_return stale(satisfied ? "expired" : "never_satisfied");
}

}  // namespace driftstack::identity
