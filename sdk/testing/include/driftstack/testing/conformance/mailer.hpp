#pragma once
// Conformance suite of mail.transport/1.

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "driftstack/roles/mailer.hpp"
#include "driftstack/testing/conformance/subject.hpp"

namespace driftstack::testing::conformance {

/// A mailer with an empty mailbox behind it.
struct MailerSubject {
  explicit MailerSubject(Subject<mail::Mailer> subject) : subject(std::move(subject)) {}
  Subject<mail::Mailer> subject;
  /// The mails that arrived at the far end, parsed back: `id`, `to`, `subject`, `text` and `html` are looked at.
  std::function<std::vector<mail::Message>()> received;
};

using MakeMailerSubject = std::function<MailerSubject()>;

namespace detail {

inline mail::Message sample_mail(std::string id = "3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11") {
  mail::Message message;
  message.id = std::move(id);
  message.template_name = "signup-verification";
  message.to = "ada@example.com";
  message.subject = "Confirm your address";
  message.text = "Hello Ada,\n\nopen https://driftstack.test/x?a=b\n";
  message.html = "<p>Hello Ada</p>\n";
  message.created_at = 1'795'618'591'000'000;  // 2026-11-25T14:56:31Z
  return message;
}

inline Result<mail::Attempt> send(MailerSubject& of, mail::Message message) {
  const auto call = of.subject.host.call();
  return run(of.subject.host, of.subject.role.send(*call, std::move(message)));
}

/// Sends what must be taken and answers what arrived.
inline mail::Message delivered(MailerSubject& of, mail::Message message) {
  const auto attempt = send(of, std::move(message));
  REQUIRE(attempt);
  REQUIRE(attempt->outcome == mail::Outcome::ok);
  const auto mails = of.received();
  REQUIRE(mails.size() == 1);
  return mails.front();
}

inline void refused(MailerSubject& of, mail::Message message) {
  const auto attempt = send(of, std::move(message));
  REQUIRE_FALSE(attempt);
  CHECK(attempt.error().code == Errc::misuse);
  CHECK(of.received().empty());
}

}  // namespace detail

inline void mailer(const MakeMailerSubject& make) {
  using detail::sample_mail;
  auto of = make();

  SECTION("a mail arrives with its recipient, subject and both forms") {
    const mail::Message sent = sample_mail();
    const mail::Message got = detail::delivered(of, sent);
    CHECK(got.id == sent.id);
    CHECK(got.to == sent.to);
    CHECK(got.subject == sent.subject);
    CHECK(got.text == sent.text);
    CHECK(got.html == sent.html);
  }
  SECTION("letters of every script, long lines and blanks before a line's end arrive as they were") {
    mail::Message sent = sample_mail();
    sent.subject = "Grüße an 日本語 und \U0001F600, mit einem Betreff, der länger ist als eine Zeile eines Kopfes sein darf";
    sent.text = "ä = ö\n" + std::string(3000, 'x') + "\n.\n.. dots\nblank \nFrom here\n";
    sent.html = "<p title=\"日本\">" + std::string(200, ' ') + "</p>\n";
    const mail::Message got = detail::delivered(of, sent);
    CHECK(got.subject == sent.subject);
    CHECK(got.text == sent.text);
    CHECK(got.html == sent.html);
  }
  SECTION("the same mail again is taken and arrives once") {
    REQUIRE(detail::send(of, sample_mail()));
    const mail::Message got = detail::delivered(of, sample_mail());
    CHECK(got.id == sample_mail().id);
  }
  SECTION("two mails are two") {
    REQUIRE(detail::send(of, sample_mail()));
    REQUIRE(detail::send(of, sample_mail("00000000-0000-4000-8000-000000000002")));
    CHECK(of.received().size() == 2);
  }
  SECTION("what could add a recipient or a header is refused") {
    for (const char* to :
         {"ada@example.com\r\nBcc: eve@example.com", "ada@example.com,eve@example.com", "Ada <ada@example.com>", "ada", "@",
          "ada@localhost", "a b@example.com", "ada@exam ple.com", "ada@-x.com", "a..b@example.com", ".a@example.com"}) {
      CAPTURE(to);
      mail::Message message = sample_mail();
      message.to = to;
      detail::refused(of, std::move(message));
    }
    mail::Message subject = sample_mail();
    subject.subject = "Hello\r\nBcc: eve@example.com";
    detail::refused(of, std::move(subject));
    mail::Message name = sample_mail();
    name.template_name = "x\ny";
    detail::refused(of, std::move(name));
    detail::refused(of, sample_mail("../../etc/passwd"));
  }
  SECTION("a message without a form, or over a bound, is refused") {
    mail::Message empty = sample_mail();
    empty.html.clear();
    detail::refused(of, std::move(empty));
    mail::Message large = sample_mail();
    large.text.assign(static_cast<std::size_t>(mail::kMaxBody) + 1, 'x');
    detail::refused(of, std::move(large));
  }
  SECTION("a cancelled call sends nothing") {
    const auto call = of.subject.host.call();
    call->cancel();
    const auto attempt = run(of.subject.host, of.subject.role.send(*call, sample_mail()));
    REQUIRE_FALSE(attempt);
    CHECK(attempt.error().code == Errc::cancelled);
    CHECK(of.received().empty());
  }
}

}  // namespace driftstack::testing::conformance
