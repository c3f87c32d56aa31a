#include "standings.hpp"

#include <utility>

namespace driftstack::identity {

AsyncResult<bool> Standings::holds(const Call& call, const Principal& caller) {
  auto stands = co_await store_.credential_stands(call, caller.kind, caller.account, caller.credential, clock_.unix_micros());
  if (!stands || !*stands) co_return stands;
  if (!caller.acts_for_other()) co_return true;
  auto standing = co_await store_.find_standing(call, caller.effective_account, caller.account);
  if (!standing) co_return std::move(standing).error();
  co_return *standing && (*standing)->owner_status == AccountStatus::active;
}

}  // namespace driftstack::identity
