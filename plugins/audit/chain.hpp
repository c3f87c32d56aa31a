#pragma once
// The keyed chain: each link is an HMAC over the link before it and every byte of its entry.

#include <string>

#include "driftstack/host.hpp"
#include "driftstack/uuid.hpp"
#include "entry.hpp"

namespace driftstack::audit {

/// Makes links and seals under keys that only the host holds, so that who can write the tables still cannot forge them. [any-thread]
class Chain {
 public:
  explicit Chain(Secrets& secrets) noexcept : secrets_(secrets) {}

  /// The link of `entry` after `previous`; the first entry follows the link of zeros. Neither `entry.link` nor its place is part of it.
  Link link(const Link& previous, const StoredEntry& entry) const;
  /// Ties count and last link to their account.
  Digest seal(const Uuid& account, std::int64_t entries, const Link& link) const;

 private:
  Secrets& secrets_;
};

/// The bytes of an entry, the same for ever: every field with its length, absent ones told apart from empty ones.
std::string canonical_bytes(const StoredEntry& entry);

}  // namespace driftstack::audit
