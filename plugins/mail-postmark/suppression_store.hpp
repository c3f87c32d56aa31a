#pragma once
// Whom Postmark told us not to mail again.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/host.hpp"
#include "driftstack/roles/database.hpp"

namespace driftstack::mail_postmark {

/// One word of Postmark about one address and one message stream.
struct SuppressionChange {
  std::string address;
  std::string stream;
  bool suppressed = true;       ///< false: it may be mailed again
  std::string reason;           ///< `HardBounce`
  std::int64_t changed_at = 0;  ///< unix microseconds, of Postmark's clock
};

/// Keeps a keyed digest of each address, not the address. [io-thread]
class SuppressionStore {
 public:
  SuppressionStore(db::Database& database, Secrets& secrets) noexcept : database_(database), secrets_(secrets) {}

  AsyncResult<> migrate(const Call& call);
  /// An older change than the one that is kept is dropped: Postmark repeats and reorders what it could not deliver.
  AsyncResult<> apply(const Call& call, SuppressionChange change);
  /// Why the address gets no mail of this stream, or nothing when it does.
  AsyncResult<std::optional<std::string>> reason_against(const Call& call, std::string address, std::string stream);

 private:
  std::string digest_of(std::string_view address) const;

  db::Database& database_;
  Secrets& secrets_;
};

}  // namespace driftstack::mail_postmark
