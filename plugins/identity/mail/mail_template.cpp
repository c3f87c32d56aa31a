#include "mail_template.hpp"

#include "driftstack/support/markup.hpp"
#include "driftstack/support/utf8.hpp"

namespace driftstack::identity {
namespace {

/// The words of one mail. Paragraphs before and after the one button.
struct Words {
  std::string_view name;
  std::string_view subject;
  std::string_view before;  ///< `{from}` stands for MailDetails::from
  std::string_view button;
  std::string_view after;
};

// In the order of MailTemplate; the lives of links are those of identity.md 3.1.
constexpr std::array<Words, kMailTemplates> kWords = {{
    {"signup-verification", "Confirm your e-mail address",
     "somebody signed up for Driftstack with this address. Confirm that it is yours:", "Confirm address",
     "The link works once, for 30 minutes. If it was not you, do nothing: without your confirmation nobody can use the account."},
    {"magic-link", "Your sign-in link", "here is the link to sign in to Driftstack that was asked for:", "Sign in",
     "The link works once, for 15 minutes. Whoever has it can sign in as you, so do not pass it on. If you did not ask for it, do "
     "nothing."},
    {"password-reset", "Set a new password",
     "here is the link to set a new password for Driftstack that was asked for:", "Set a new password",
     "The link works once, for 60 minutes, and ends every sign-in of your account. If you did not ask for it, do nothing: your password "
     "stays as it is."},
    {"signup-welcome", "Welcome to Driftstack", "your account is ready. Start a browser with your first API call:",
     "Read the documentation", "You can switch mails like this one off in your e-mail preferences."},
    {"team-invite", "You are invited to a team", "{from} invites you to their team on Driftstack:", "Join the team",
     "The link works once, for 7 days, and only for the account of the address that this mail was sent to; sign up first if you have none. "
     "If you do not know who that is, do nothing."},
    {"mfa-enabled", "Two-factor sign-in is on",
     "two-factor sign-in was turned on for your account. From now on signing in needs a code of your authenticator app, or one of your "
     "recovery codes. If it was you, there is nothing to do.",
     "Look after your account", "If it was not you, set a new password at once: somebody is signed in as you."},
    {"mfa-signin-paused", "Sign-in to your account is paused",
     "somebody entered ten wrong second-factor codes for your account within 15 minutes, so signing in to it is paused for 15 minutes. "
     "Sessions that are signed in already go on.",
     "Look after your account",
     "If it was not you, set a new password: whoever tried has your password, one of your sign-in links or one of your sessions."},
}};

constexpr const Words& words_of(MailTemplate kind) noexcept { return kWords[static_cast<std::size_t>(kind)]; }

/// A name that may stand in a mail: one short line without anything that a reader would make a link of. Names are chosen by whoever signs
/// up, with any address.
bool is_presentable(std::string_view name) {
  constexpr std::size_t kLongest = 60;
  if (!mail::is_line(name) || count_code_points(name) > kLongest) return false;
  return name.find_first_of(":/@\\<>") == std::string_view::npos && name.find("www.") == std::string_view::npos;
}

std::string greeting_of(const MailDetails& details) {
  return details.name && is_presentable(*details.name) ? "Hello " + *details.name + "," : "Hello,";
}

std::string before_of(const Words& words, const MailDetails& details) {
  constexpr std::string_view kFrom = "{from}";
  std::string text(words.before);
  if (const auto at = text.find(kFrom); at != std::string::npos) text.replace(at, kFrom.size(), details.from.value_or("Somebody"));
  return text;
}

std::string text_of(const Words& words, const MailDetails& details) {
  std::string text = greeting_of(details) + "\n\n";
  text += before_of(words, details);
  text += "\n\n" + details.link + "\n\n";
  text += words.after;
  text += "\n\n-- \nDriftstack\n";
  return text;
}

std::string html_of(const Words& words, const MailDetails& details) {
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>";
  append_markup(html, words.subject);
  html += "</title></head>\n<body style=\"font-family:sans-serif;line-height:1.5;max-width:36em;margin:2em auto;padding:0 1em\">\n<p>";
  append_markup(html, greeting_of(details));
  html += "</p>\n<p>";
  append_markup(html, before_of(words, details));
  html += "</p>\n<p><a href=\"";
  append_markup(html, details.link);
  html += "\" style=\"display:inline-block;padding:.6em 1.2em;background:#1a56db;color:#fff;text-decoration:none;border-radius:4px\">";
  append_markup(html, words.button);
  html += "</a></p>\n<p>Or open this address:<br>";
  append_markup(html, details.link);
  html += "</p>\n<p>";
  append_markup(html, words.after);
  html += "</p>\n<p>Driftstack</p>\n</body></html>\n";
  return html;
}

}  // namespace

std::string_view template_name(MailTemplate kind) noexcept { return words_of(kind).name; }

std::optional<MailTemplate> template_from_name(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kMailTemplates; ++i) {
    if (kWords[i].name == name) return static_cast<MailTemplate>(i);
  }
  return std::nullopt;
}

mail::Message render(MailTemplate kind, const MailDetails& details) {
  const Words& words = words_of(kind);
  mail::Message message;
  message.template_name = words.name;
  message.to = details.to;
  message.subject = words.subject;
  message.text = text_of(words, details);
  message.html = html_of(words, details);
  return message;
}

}  // namespace driftstack::identity
