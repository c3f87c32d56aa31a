#pragma once
// Role AuditLog: the append-only log of each account.

#include <cstdint>
#include <optional>
#include <string>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/task.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack {
inline namespace v1 {

enum class AuditActor : std::uint8_t { customer, system, staff };

/// One entry. `account` is whose log it is; `actor_*` who acted.
struct AuditEntry {
  AuditEntry(const Uuid& account, AuditActor actor, std::string action) : account(account), actor(actor), action(std::move(action)) {}

  /// An entry by the caller of a request, with its address and user agent. The call must have a principal.
  static AuditEntry by_caller(const Call& call, std::string action) {
    const Principal& caller = *call.principal();
    AuditEntry entry(caller.effective_account, AuditActor::customer, std::move(action));
    entry.actor_account = caller.account;
    if (caller.kind == CredentialKind::api_key) entry.actor_key = caller.credential;
    entry.ip_address = std::string(call.client_address());
    entry.user_agent = std::string(call.user_agent());
    return entry;
  }

  Uuid account;
  AuditActor actor;
  std::string action;  ///< `api_key.minted`; the closed list of platform.md 11.2
  std::optional<Uuid> actor_account;
  std::optional<Uuid> actor_key;
  std::optional<std::string> target;   ///< public id of the object acted on
  std::optional<std::string> payload;  ///< compact JSON object, no secrets
  std::optional<std::string> ip_address, user_agent;
};

/// Implemented by `audit`.
class AuditLog {
 public:
  static constexpr InterfaceId kId{"audit.log", 1};
  /// Appends in the caller's transaction, so that entry and change commit together; takes the lock of the account's chain, therefore last.
  virtual AsyncResult<> append(db::Transaction& transaction, AuditEntry entry) = 0;

 protected:
  ~AuditLog() = default;
};

}  // namespace v1
}  // namespace driftstack
