// Mails: what they look like, and that each gets out once although attempts fail and processes die. identity.md 13.

#include <atomic>
#include <catch2/catch.hpp>
#include <string>

#include "driftstack/support/json.hpp"
#include "driftstack/testing/recording_mailer.hpp"
#include "identity_fixture.hpp"

namespace driftstack::identity::test {
namespace {

constexpr const char* kSignUp = R"({"email":"ada@example.com","password":"correct horse battery","name":"Ada"})";

struct Office {
  explicit Office(std::initializer_list<testing::MapSettings::Entry> settings = {}) : identity(settings) {
    identity.host().provide<mail::Mailer>(&mails);
    identity.host().clock().freeze();
  }
  ~Office() { identity.host().provide<mail::Mailer>(nullptr); }

  void sign_up() { REQUIRE(identity.send(Principal(), Method::post, "/v1/auth/signup", kSignUp)); }
  void send_due() { REQUIRE(identity.run(identity.parts().mail_worker.send_due())); }
  void answer(mail::Outcome outcome, std::int64_t retry_after = 0) {
    mails.answer = [outcome, retry_after](const mail::Message&) {
      mail::Attempt attempt;
      attempt.outcome = outcome;
      attempt.retry_after_seconds = retry_after;
      return attempt;
    };
  }
  double sent(const char* outcome) {
    return identity.host().metrics().value("driftstack_email_send_total",
                                           {Label("outcome", outcome), Label("template", "signup-verification")});
  }

  testing::RecordingMailer mails;
  IdentityFixture identity;
};

MailDetails details() {
  MailDetails details;
  details.to = "ada@example.com";
  details.name = "Ada";
  details.link = "https://driftstack.test/x#token=abc&d";
  return details;
}

}  // namespace

TEST_CASE("every template says what it is for in text and in HTML, with the one link and nothing remote") {
  for (std::size_t i = 0; i < kMailTemplates; ++i) {
    const auto kind = static_cast<MailTemplate>(i);
    const mail::Message message = render(kind, details());
    CAPTURE(message.template_name);
    CHECK(template_from_name(message.template_name) == kind);
    CHECK(message.to == "ada@example.com");
    CHECK(mail::is_line(message.subject));
    CHECK(message.text.find("Hello Ada,") == 0);
    CHECK(message.text.find("\nhttps://driftstack.test/x#token=abc&d\n") != std::string::npos);
    CHECK(message.html.find("href=\"https://driftstack.test/x#token=abc&amp;d\"") != std::string::npos);
    for (const char* remote : {"<img", "<link", "<script", "<style", "src=", "url(", "@import", "http://"}) {
      CHECK(message.html.find(remote) == std::string::npos);
    }
  }
  CHECK_FALSE(template_from_name("no-such-mail"));
}

TEST_CASE("a name that could be read as a link, as markup or as a line of its own is left out of mails") {
  for (const char* name : {"see http://evil.test", "evil.test/free", "www.evil.test", "<b>x</b>", "a\nb", "me@evil.test",
                           "a very long name that goes on and on until it tells a whole story"}) {
    CAPTURE(name);
    MailDetails given = details();
    given.name = name;
    const mail::Message message = render(MailTemplate::signup_verification, given);
    CHECK(message.text.find("Hello,\n") == 0);
    CHECK(message.html.find("<p>Hello,</p>") != std::string::npos);
  }
  MailDetails given = details();
  given.name = "Ада O'Neill & Söhne";
  CHECK(render(MailTemplate::magic_link, given).text.find("Hello Ада O'Neill & Söhne,") == 0);
  CHECK(render(MailTemplate::magic_link, given).html.find("Hello Ада O&#39;Neill &amp; Söhne,") != std::string::npos);
}

TEST_CASE("a stored mail shows neither address nor link, and opens in its own row only") {
  Office office;
  const MailSeal& seal = office.identity.parts().seal;
  auto job = seal.make(MailTemplate::magic_link, details(), 0, 1);
  REQUIRE(job);
  CHECK(job->sealed.find("ada@example.com") == std::string::npos);
  CHECK(job->sealed.find("token=abc") == std::string::npos);
  CHECK(seal.open(*job)->link == details().link);
  MailJob moved = *job;
  moved.id = random_uuid();
  CHECK_FALSE(seal.open(moved));
}

TEST_CASE("a mail is sent once and never in the request") {
  Office office;
  office.sign_up();
  CHECK(office.mails.attempts() == 0);
  office.send_due();
  office.send_due();
  REQUIRE(office.mails.taken().size() == 1);
  CHECK(office.mails.attempts() == 1);
  CHECK(office.mails.taken()[0].template_name == "signup-verification");
  CHECK(office.mails.taken()[0].to == "ada@example.com");
  CHECK(office.sent("ok") == 1);
}

TEST_CASE("an attempt that fails is repeated after a growing time, as the same mail") {
  Office office;
  std::vector<std::string> ids;
  office.mails.answer = [&](const mail::Message& message) {
    ids.push_back(message.id);
    mail::Attempt attempt;
    if (ids.size() < 3) attempt.outcome = mail::Outcome::transport;
    return attempt;
  };
  office.sign_up();
  office.send_due();
  auto& clock = office.identity.host().clock();
  clock.advance(std::chrono::milliseconds(4900));
  office.send_due();
  CHECK(office.mails.attempts() == 1);
  clock.advance(std::chrono::milliseconds(200));
  office.send_due();
  CHECK(office.mails.attempts() == 2);
  clock.advance(std::chrono::seconds(21));
  office.send_due();
  CHECK(office.mails.taken().size() == 1);
  CHECK(ids == std::vector<std::string>(3, ids.at(0)));
  CHECK(office.sent("transport") == 2);
  CHECK(office.sent("ok") == 1);
}

TEST_CASE("the time to the next attempt grows to ten minutes, or is what the transport wishes") {
  CHECK(retry_delay(1, 0) == std::chrono::seconds(5));
  CHECK(retry_delay(2, 0) == std::chrono::seconds(20));
  CHECK(retry_delay(4, 0) == std::chrono::seconds(320));
  CHECK(retry_delay(5, 0) == std::chrono::seconds(600));
  CHECK(retry_delay(1000, 0) == std::chrono::seconds(600));
  CHECK(retry_delay(1, 60) == std::chrono::seconds(60));
  CHECK(retry_delay(1, 1'000'000) == std::chrono::hours(1));
  CHECK(retry_delay(1, -5) == std::chrono::seconds(5));
}

TEST_CASE("a mail that will never be taken is not tried again, one that came too late not at all") {
  Office office;
  office.sign_up();
  SECTION("the recipient is inactive") {
    office.answer(mail::Outcome::inactive_recipient);
    office.send_due();
    CHECK(office.sent("inactive-recipient") == 1);
  }
  SECTION("the transport will not have it") {
    office.answer(mail::Outcome::invalid_request);
    office.send_due();
    CHECK(office.sent("invalid-request") == 1);
  }
  SECTION("its link ended") { office.identity.host().clock().advance(std::chrono::minutes(30)); }
  const auto before = office.mails.attempts();
  office.mails.answer = nullptr;
  for (int i = 0; i < 3; ++i) {
    office.send_due();
    office.identity.host().clock().advance(std::chrono::hours(1));
  }
  CHECK(office.mails.attempts() == before);
  CHECK(office.mails.taken().empty());
}

TEST_CASE("a server that died in the middle of an attempt leaves the mail to the next one") {
  Office office;
  office.sign_up();
  const auto call = office.identity.host().call();
  const std::int64_t now = office.identity.host().clock().unix_micros();
  auto& store = office.identity.parts().mails;
  REQUIRE(office.identity.run(store.claim(*call, now, now + 60'000'000)));
  office.send_due();
  CHECK(office.mails.attempts() == 0);  // it is still the other's
  office.identity.host().clock().advance(std::chrono::seconds(61));
  office.send_due();
  CHECK(office.mails.taken().size() == 1);
}

TEST_CASE("a worker whose lease ended does not end the mail of the next one") {
  Office office;
  office.sign_up();
  auto& clock = office.identity.host().clock();
  auto& store = office.identity.parts().mails;
  const auto call = office.identity.host().call(std::chrono::minutes(10));
  const auto slow = office.identity.run(store.claim(*call, clock.unix_micros(), clock.unix_micros() + 60'000'000));
  REQUIRE(slow);
  REQUIRE(*slow);
  clock.advance(std::chrono::seconds(61));
  const auto next = office.identity.run(store.claim(*call, clock.unix_micros(), clock.unix_micros() + 60'000'000));
  REQUIRE(next);
  REQUIRE(*next);
  REQUIRE(office.identity.run(store.remove(*call, **slow)));
  REQUIRE(office.identity.run(store.put_off(*call, **next, clock.unix_micros())));
  office.send_due();
  CHECK(office.mails.taken().size() == 1);
}

TEST_CASE("of several servers that look at once each mail has one") {
  Office office;
  constexpr int kMails = 12;
  for (int i = 0; i < kMails; ++i) {
    const std::string body = R"({"email":"a)" + std::to_string(i) + R"(@example.com","password":"correct horse battery"})";
    REQUIRE(office.identity.send(Principal(), Method::post, "/v1/auth/signup", body));
  }
  const auto other = office.identity.other_process();
  std::atomic<int> fine = 0;
  in_parallel(2, [&](int i) {
    MailWorker& worker = i == 0 ? office.identity.parts().mail_worker : other->parts.mail_worker;
    auto sent = office.identity.run(worker.send_due(), static_cast<IoThread>(i));
    if (sent) ++fine;
  });
  CHECK(fine == 2);
  office.send_due();
  CHECK(office.mails.attempts() == kMails);
  CHECK(office.mails.taken().size() == kMails);
}

TEST_CASE("a mail that its reader switched off is not sent, one that cannot be switched off is") {
  Office office;
  const auto customer = office.identity.customer("api_starter");
  const bool is_wanted = GENERATE(true, false);
  const std::string body = std::string(R"({"event_type":"signup-welcome","opted_in":)") + (is_wanted ? "true}" : "false}");
  REQUIRE(office.identity.send(customer.principal, Method::put, "/v1/account/email-preferences", body));
  const auto call = office.identity.host().call();
  auto insert = [&](db::Transaction& transaction) -> AsyncResult<> {
    for (const auto kind : {MailTemplate::signup_welcome, MailTemplate::password_reset}) {
      const std::int64_t now = office.identity.host().clock().unix_micros();
      auto job = office.identity.parts().seal.make(kind, details(), now, now + 60'000'000);
      if (!job) co_return std::move(job).error();
      job->account = customer.account;
      auto written = co_await in_transaction::insert_mail(transaction, *std::move(job));
      if (!written) co_return written;
    }
    co_return Done();
  };
  REQUIRE(office.identity.run(db::transaction(office.identity.database(), *call, insert)));
  office.send_due();
  CHECK(office.mails.taken("signup-welcome").size() == (is_wanted ? 1 : 0));
  CHECK(office.mails.taken("password-reset").size() == 1);
}

TEST_CASE("without a mailer mails wait for one") {
  Office office;
  office.identity.host().provide<mail::Mailer>(nullptr);
  office.sign_up();
  office.send_due();
  CHECK(office.sent("transport") == 1);
  office.identity.host().provide<mail::Mailer>(&office.mails);
  office.identity.host().clock().advance(std::chrono::seconds(6));
  office.send_due();
  CHECK(office.mails.taken().size() == 1);
}

TEST_CASE("in stub mode answers show the tokens and no mail goes out, in live mode it is the other way round") {
  const bool is_stub = GENERATE(false, true);
  Office office({{"email_delivery_mode", is_stub ? "stub" : "live"}});
  const auto answer = office.identity.send(Principal(), Method::post, "/v1/auth/signup", kSignUp);
  REQUIRE(answer);
  const auto body = wire::Json::parse(answer->body);
  CHECK(body->view().find("debug_token").has_value() == is_stub);
  office.send_due();
  CHECK(office.mails.taken().size() == (is_stub ? 0 : 1));
  if (!is_stub) return;
  const std::string token = text_member(*answer, "debug_token");
  CHECK(office.identity.send(Principal(), Method::post, "/v1/auth/verify-email", R"({"token":")" + token + "\"}"));
}

}  // namespace driftstack::identity::test
