#pragma once
// The background worker that sends mails: claims one job after another, tries it, and removes it or puts it off.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "driftstack/host.hpp"
#include "driftstack/roles/mailer.hpp"
#include "driftstack/task.hpp"
#include "finished_signal.hpp"
#include "mail_job.hpp"
#include "mail_store.hpp"

namespace driftstack::identity {

/// Whether mails go out at all. In stub mode they are dropped, and the answers of requests show the tokens instead.
enum class Delivery : std::uint8_t { live, stub };

/// How long until the next attempt, after so many: 5 s, 20 s, 80 s, 320 s, then ten minutes each; or longer when the transport says so.
std::chrono::seconds retry_delay(std::int64_t attempts, std::int64_t wished_seconds) noexcept;

/// One loop on one io thread. `start` and `stop` once each. Any number of servers may run one on the same store.
class MailWorker {
 public:
  struct Parts {
    Host& host;  ///< asked for the Mailer at each attempt
    MailStore& store;
    const MailSeal& seal;
    Delivery delivery;
    std::chrono::microseconds interval;  ///< between two looks for due mails
  };
  explicit MailWorker(Parts parts);

  /// Works on `thread`. [any-thread]
  void start(IoThread thread);
  /// Ends the loop after the attempt that runs. [io-thread]
  Task<> stop();

  /// Sends everything that is due. [io-thread]
  AsyncResult<> send_due();

 private:
  Task<> loop();
  AsyncResult<> send(MailJob job);
  /// Does anybody want it still?
  AsyncResult<bool> is_wanted(const Call& call, const MailJob& job);
  /// How the attempt went; an Error of the mailer counts as an outcome too.
  AsyncResult<mail::Attempt> attempt(const Call& call, const MailJob& job);
  Counter& outcomes(const std::string& template_name, mail::Outcome outcome);

  Parts parts_;
  WorkerTick& tick_;
  std::map<std::pair<std::string, mail::Outcome>, Counter*> counters_;
  IoThread thread_ = 0;
  bool is_failing_ = false;
  std::atomic<bool> stopping_{false};
  std::optional<FinishedSignal> finished_;
};

}  // namespace driftstack::identity
