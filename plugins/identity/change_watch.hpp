#pragma once
// The background worker: learns of changes made by other processes, writes when keys and web sessions were last used, and removes
// sessions that are long over.

#include <atomic>
#include <chrono>
#include <optional>
#include <vector>

#include "credential_versions.hpp"
#include "driftstack/host.hpp"
#include "driftstack/task.hpp"
#include "finished_signal.hpp"
#include "people/session_verifier.hpp"
#include "store.hpp"
#include "teams/team_store.hpp"
#include "verified_keys.hpp"

namespace driftstack::identity {

/// How long after the last successful look remembered keys are trusted. A revocation by the command line bites within this time even when
/// the database is away; normally within one interval.
inline constexpr std::chrono::milliseconds kTrustWithoutNews{1000};

/// One loop on one io thread. `start` and `stop` once each.
class ChangeWatch {
 public:
  struct Parts {
    Host& host;
    Store& store;
    CredentialVersions& versions;
    VerifiedKeys& verified;
    VerifiedSessions& verified_sessions;
    PeopleStore& people;
    TeamStore& teams;
    std::chrono::microseconds interval;
  };
  explicit ChangeWatch(Parts parts);

  /// Looks once, then starts the loop on the calling io thread. [io-thread]
  AsyncResult<> start(const Call& call);
  /// Ends the loop, after at most one interval, and writes the last uses. [io-thread]
  Task<> stop();

 private:
  Task<> loop();
  AsyncResult<> look(const Call& call);
  Task<> write_uses();
  /// Removes a slice of the web sessions that ended long ago, and of the invites that ran out.
  Task<> purge();
  Task<> write_uses_of(UsedCredential kind, std::vector<CredentialUse> uses);

  Parts parts_;
  WorkerTick& tick_;
  ChangeNumber seen_ = 0;
  std::chrono::steady_clock::time_point next_write_{};
  std::chrono::steady_clock::time_point next_purge_{};
  IoThread thread_ = 0;
  bool is_failing_ = false;
  std::atomic<bool> stopping_{false};
  std::optional<FinishedSignal> finished_;
};

}  // namespace driftstack::identity
