#pragma once
// The mails of a plugin as they look, for the operator: `driftstack mail preview`.

#include <vector>

#include "driftstack/abi.hpp"
#include "driftstack/roles/mailer.hpp"

namespace driftstack {
inline namespace v1 {

/// Provided by a plugin that writes mails.
class MailPreviews {
 public:
  static constexpr InterfaceId kId{"mail.previews", 1};
  /// Each template once, filled with an example; `id` and `created_at` are empty. Works from configure() on. [any-thread]
  virtual std::vector<mail::Message> previews() const = 0;

 protected:
  ~MailPreviews() = default;
};

}  // namespace v1
}  // namespace driftstack
