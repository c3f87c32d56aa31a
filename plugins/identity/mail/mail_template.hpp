#pragma once
// The mails of this plugin as text and HTML. identity.md 13.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/roles/mailer.hpp"
#include "driftstack/support/wire.hpp"

namespace driftstack::identity {

enum class MailTemplate : std::uint8_t {
  signup_verification,
  magic_link,
  password_reset,
  signup_welcome,
  team_invite,
  mfa_enabled,
  mfa_signin_paused
};
inline constexpr std::size_t kMailTemplates = 7;

/// `signup-verification`: the name in rows, metrics and tags.
std::string_view template_name(MailTemplate kind) noexcept;
std::optional<MailTemplate> template_from_name(std::string_view name) noexcept;

/// What a template is filled with.
struct MailDetails {
  std::string to;
  std::optional<std::string> name;  ///< how the person wants to be called
  std::string link;                 ///< where the one button leads; absolute
  std::optional<std::string> from;  ///< the address of whoever asked for the mail, when that is another person
  static constexpr auto shape = wire::object(wire::field<&MailDetails::to>("to"), wire::field<&MailDetails::name>("name"),
                                             wire::field<&MailDetails::link>("link"), wire::field<&MailDetails::from>("from"));
};

/// Subject, text and HTML; id and time are the caller's to add. The HTML has no remote content: no pictures, fonts, styles or scripts from
/// anywhere.
mail::Message render(MailTemplate kind, const MailDetails& details);

}  // namespace driftstack::identity
