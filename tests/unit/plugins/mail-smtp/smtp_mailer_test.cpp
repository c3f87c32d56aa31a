#include "smtp_mailer.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "driftstack/testing/conformance/mailer.hpp"
#include "smtp_reply.hpp"
#include "smtp_sink.hpp"
#include "tests/unit/plugins/message_reader.hpp"

namespace driftstack::mail_smtp {
namespace {

using namespace driftstack::testing;
using conformance::detail::sample_mail;
using conformance::detail::send;

Submission to_sink(const SmtpSink& sink) {
  Submission submission;
  submission.server = sink.address();
  submission.security = Security::none;
  submission.timeout = std::chrono::seconds(10);
  return submission;
}

struct World {
  SmtpSink sink;
  FakeHost host;
  SmtpMailer mailer{host, to_sink(sink), *MailSender::from_text("Driftstack <no-reply@example.com>")};
};

conformance::MailerSubject subject(const std::shared_ptr<World>& world) {
  conformance::MailerSubject of(conformance::Subject<mail::Mailer>(world, world->host, world->mailer));
  of.received = [world] {
    std::vector<mail::Message> mails;
    for (const auto& message : world->sink.taken()) mails.push_back(message_reader::parse(message));
    return mails;
  };
  return of;
}

mail::Attempt attempt_after(const char* command, const char* reply) {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  world->sink.refuse(command, reply);
  const auto attempt = send(of, sample_mail());
  REQUIRE(attempt);
  CHECK(world->sink.taken().empty());
  return *attempt;
}

TEST_CASE("mail-smtp keeps the contract of mail.transport/1") {
  conformance::mailer([] { return subject(std::make_shared<World>()); });
}

TEST_CASE("the envelope names sender and recipient alone") {
  const auto world = std::make_shared<World>();
  auto of = subject(world);
  REQUIRE(send(of, sample_mail()));
  const auto commands = world->sink.commands();
  const auto has = [&](const char* start) {
    return std::count_if(commands.begin(), commands.end(), [&](const std::string& one) { return one.starts_with(start); });
  };
  CHECK(has("MAIL FROM:<no-reply@example.com>") == 1);
  CHECK(has("RCPT TO:<ada@example.com>") == 1);
  CHECK(has("RCPT") == 1);
  CHECK(has("AUTH") == 0);
}

TEST_CASE("a refusal of the mail server says whether to try again, in words without the address") {
  struct Row {
    const char* command;
    const char* reply;
    mail::Outcome outcome;
  };
  const auto row = GENERATE(Row{"RCPT", "550 5.1.1 <ada@example.com> unknown", mail::Outcome::inactive_recipient},
                            Row{"RCPT", "451 4.3.0 later, ada@example.com", mail::Outcome::transport},
                            Row{"RCPT", "452 4.5.3 too many", mail::Outcome::rate_limited},
                            Row{"MAIL", "550 5.7.60 not your address", mail::Outcome::account_inactive},
                            Row{"END", "554 5.6.0 spam", mail::Outcome::invalid_request}, Row{"END", "", mail::Outcome::transport});
  CAPTURE(row.command, row.reply);
  const mail::Attempt attempt = attempt_after(row.command, row.reply);
  CHECK(attempt.outcome == row.outcome);
  CHECK(attempt.detail.find("ada@") == std::string::npos);
  CHECK_FALSE(attempt.detail.empty());
  CHECK((attempt.retry_after_seconds > 0) == (row.outcome == mail::Outcome::rate_limited));
}

TEST_CASE("a mail server that is not there, or never answers, is an attempt to repeat") {
  FakeHost host;
  Submission submission;
  {
    const SmtpSink gone;
    submission = to_sink(gone);
  }
  auto mailer = std::make_shared<SmtpMailer>(host, std::move(submission), *MailSender::from_text("a@example.com"));
  conformance::MailerSubject of(conformance::Subject<mail::Mailer>(mailer, host, *mailer));
  const auto attempt = send(of, sample_mail());
  REQUIRE(attempt);
  CHECK(attempt->outcome == mail::Outcome::transport);
}

TEST_CASE("a server that does not offer TLS gets no mail and no password") {
  SmtpSink sink;
  FakeHost host;
  Submission submission = to_sink(sink);
  submission.security = Security::starttls;
  submission.username = "ada";
  submission.password = SecretText("very-secret");
  auto mailer = std::make_shared<SmtpMailer>(host, std::move(submission), *MailSender::from_text("a@example.com"));
  conformance::MailerSubject of(conformance::Subject<mail::Mailer>(mailer, host, *mailer));
  const auto attempt = send(of, sample_mail());
  REQUIRE(attempt);
  CHECK(attempt->outcome == mail::Outcome::transport);
  for (const auto& command : sink.commands()) CHECK((command.starts_with("EHLO") || command.starts_with("HELO") || command == "QUIT"));
}

TEST_CASE("in the clear mails go to this machine only") {
  for (const char* server : {"127.0.0.1:25", "localhost:25", "[::1]:25"}) CHECK(is_loopback(server));
  for (const char* server : {"10.0.0.1:25", "localhost.example.com:25", "smtp.example.com:25", "[::2]:25"})
    CHECK_FALSE(is_loopback(server));
  Submission submission;
  submission.server = "smtp.example.com:25";
  CHECK(check(submission));
  submission.security = Security::none;
  CHECK_FALSE(check(submission));
  submission.security = Security::tls;
  submission.username = "ada";
  CHECK_FALSE(check(submission));
}

TEST_CASE("replies of mail servers are read by their codes") {
  struct Row {
    const char* line;
    const char* text;
    mail::Outcome outcome;
  };
  for (const Row& row :
       {Row{"550 5.1.1 no such user", "550 5.1.1", mail::Outcome::inactive_recipient},
        Row{"550 no such user", "550", mail::Outcome::inactive_recipient}, Row{"553 bad name", "553", mail::Outcome::inactive_recipient},
        Row{"550 5.2.1 disabled", "550 5.2.1", mail::Outcome::inactive_recipient},
        Row{"552 5.2.2 full", "552 5.2.2", mail::Outcome::invalid_request},
        Row{"550 5.7.1 relaying denied", "550 5.7.1", mail::Outcome::account_inactive},
        Row{"535 5.7.8 wrong password", "535 5.7.8", mail::Outcome::account_inactive},
        Row{"530 sign in first", "530", mail::Outcome::account_inactive},
        Row{"421 4.7.0 slow down", "421 4.7.0", mail::Outcome::rate_limited}, Row{"421 closing", "421", mail::Outcome::transport},
        Row{"450 4.2.0 greylisted", "450 4.2.0", mail::Outcome::transport}, Row{"554 no", "554", mail::Outcome::invalid_request},
        Row{"550 4.1.1 contradicts itself", "550", mail::Outcome::inactive_recipient}}) {
    CAPTURE(row.line);
    const SmtpReply reply = SmtpReply::from_line(row.line);
    CHECK(reply.is_refusal());
    CHECK(reply.to_text() == row.text);
    CHECK(outcome_of(reply) == row.outcome);
  }
  for (const char* line : {"", "5", "abc", "250 fine", "550-more follows", "9999 x", "55000", "-50 x", "220"}) {
    CAPTURE(line);
    CHECK_FALSE(SmtpReply::from_line(line).is_refusal());
  }
}

}  // namespace
}  // namespace driftstack::mail_smtp
