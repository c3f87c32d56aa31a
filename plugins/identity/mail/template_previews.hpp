#pragma once
// Every template with an example in it.

#include <string>
#include <utility>
#include <vector>

#include "driftstack/roles/mail_previews.hpp"
#include "mail_template.hpp"

namespace driftstack::identity {

/// [any-thread]
class TemplatePreviews final : public MailPreviews {
 public:
  explicit TemplatePreviews(std::string public_url) : public_url_(std::move(public_url)) {}

  std::vector<mail::Message> previews() const override {
    MailDetails details;
    details.to = "ada@example.com";
    details.name = "Ada";
    details.link = public_url_ + "/example#token=example";
    details.from = "grace@example.com";
    std::vector<mail::Message> messages;
    for (std::size_t i = 0; i < kMailTemplates; ++i) messages.push_back(render(static_cast<MailTemplate>(i), details));
    return messages;
  }

 private:
  std::string public_url_;
};

}  // namespace driftstack::identity
