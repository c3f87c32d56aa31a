#include "mail_job.hpp"

#include <utility>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/random_bytes.hpp"

namespace driftstack::identity {
namespace {

std::string binding_of(const MailJob& job) { return "identity.mail:" + job.id.to_text() + ":" + job.template_name; }

}  // namespace

Result<MailJob> MailSeal::make(MailTemplate kind, const MailDetails& details, std::int64_t now, std::int64_t expires_at) const {
  MailJob job;
  job.id = random_uuid();
  job.template_name = template_name(kind);
  job.created_at = job.due_at = now;
  job.expires_at = expires_at;
  auto sealed = secrets_.seal(binding_of(job), wire::to_text(details));
  if (!sealed) return std::move(sealed).error();
  job.sealed = base64url_encode(*sealed);
  return job;
}

Result<MailDetails> MailSeal::open(const MailJob& job) const {
  const auto sealed = base64url_decode(job.sealed);
  if (!sealed) return Error(Errc::internal, "The details of a mail were changed.");
  auto opened = secrets_.open(binding_of(job), *sealed);
  if (!opened) return std::move(opened).error();
  MailDetails details;
  wire::Issues issues;
  if (wire::read(*opened, details, issues) != wire::Outcome::ok) return Error(Errc::internal, "The details of a mail cannot be read.");
  return details;
}

}  // namespace driftstack::identity
