#pragma once
// From the token of a web session to a Principal: look-up by digest, then memory.

#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "auth_outcomes.hpp"
#include "credential_versions.hpp"
#include "driftstack/call.hpp"
#include "driftstack/host.hpp"
#include "driftstack/principal.hpp"
#include "driftstack/result.hpp"
#include "driftstack/task.hpp"
#include "people_store.hpp"
#include "verified_credentials.hpp"

namespace driftstack::identity {

/// What is remembered of one web session. Trivially copyable.
struct VerifiedSession {
  Principal principal;
  std::int64_t expires_at = 0;  ///< unix microseconds
  ChangeStamp stamp = 0;        ///< taken before the row was read
  std::int64_t used_at = 0;     ///< unix microseconds of the last noted use
};

struct HashDigest {
  std::size_t operator()(const Digest& digest) const noexcept {  // uniform already
    std::size_t head = 0;
    std::memcpy(&head, digest.data(), sizeof head);
    return head;
  }
};

using VerifiedSessions = VerifiedCredentials<Digest, VerifiedSession, HashDigest>;

/// Keeps the same promises as ApiKeyVerifier: a session that ended is refused on its next request here, and within a second elsewhere.
class SessionVerifier {
 public:
  struct Parts {
    PeopleStore& store;
    Clock& clock;
    VerifiedSessions& verified;
    CredentialVersions& versions;
    AuthOutcomes& outcomes;
  };
  explicit SessionVerifier(Parts parts) noexcept : parts_(parts) {}

  /// Answers from memory, or nothing. For tokens that are is_secret_token(). [io-thread]
  std::optional<Result<Principal>> verify_now(std::string_view token) noexcept;
  /// Looks at the row. unauthorized, forbidden (account status). [io-thread]
  AsyncResult<Principal> verify(const Call& call, std::string token);

 private:
  AsyncResult<Principal> from_store(const Call& call, Digest digest);

  Parts parts_;
};

}  // namespace driftstack::identity
