#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "driftstack/support/json.hpp"
#include "driftstack/testing/conformance/mailer.hpp"
#include "postmark_world.hpp"

namespace driftstack::mail_postmark {
namespace {

using namespace driftstack::testing;
using conformance::detail::sample_mail;

OutboundResponse taken() {
  OutboundResponse response;
  response.status = 200;
  response.body = R"({"ErrorCode":0,"Message":"OK","MessageID":"b7bc2f4a"})";
  return response;
}

mail::Message mail_of(const OutboundRequest& request) {
  const auto body = wire::Json::parse(request.body);
  REQUIRE(body);
  const auto text = [&](const char* name) { return body->view().find(name).value().as_text().value(); };
  mail::Message message;
  message.id = body->view().find("Metadata").value().find("mail_id").value().as_text().value();
  message.to = text("To");
  message.subject = text("Subject");
  message.text = text("TextBody");
  message.html = text("HtmlBody");
  return message;
}

conformance::MailerSubject subject() {
  const auto world = std::make_shared<World>();
  for (int i = 0; i < 4; ++i) world->host.outbound_http().answer("POST", kEmailUrl, taken());
  conformance::MailerSubject of(conformance::Subject<mail::Mailer>(world, world->host, *world->mailer));
  of.received = [world] {
    std::vector<mail::Message> mails;
    for (const auto& request : world->host.outbound_http().requests()) mails.push_back(mail_of(request));
    return mails;
  };
  return of;
}

mail::Attempt sent(World& world, mail::Message message = sample_mail()) {
  const auto call = world.host.call();
  auto attempt = run(world.host, world.mailer->send(*call, std::move(message)));
  REQUIRE(attempt);
  return *attempt;
}

TEST_CASE("mail-postmark keeps the contract of mail.transport/1") { conformance::mailer(subject); }

TEST_CASE("a Postmark that is not reached leaves the mail to be tried again, and the next attempt is made") {
  World world;
  world.host.outbound_http().answer("POST", kEmailUrl, Error(Errc::unreachable, "no route"));
  world.host.outbound_http().answer("POST", kEmailUrl, taken());
  const auto first = sent(world);
  CHECK(first.outcome == mail::Outcome::transport);
  CHECK(mail::may_try_again(first.outcome));
  CHECK(sent(world).outcome == mail::Outcome::ok);
  CHECK(world.host.outbound_http().requests().size() == 2);
}

TEST_CASE("nobody is asked about an address that Postmark reported, in whatever case it is written") {
  World world;
  const auto call = world.host.call();
  SuppressionChange change;
  change.address = "Ada@Example.com";
  change.stream = "outbound";
  change.reason = "HardBounce";
  change.changed_at = 1;
  REQUIRE(run(world.host, world.suppressions.apply(*call, change)));
  const auto attempt = sent(world);
  CHECK(attempt.outcome == mail::Outcome::inactive_recipient);
  CHECK(attempt.detail == "Postmark reported the address: HardBounce.");
  CHECK(world.host.outbound_http().requests().empty());

  // The same address on another stream, and another address on this one, get their mail.
  for (int i = 0; i < 2; ++i) world.host.outbound_http().answer("POST", kEmailUrl, taken());
  auto news = sample_mail("00000000-0000-4000-8000-000000000002");
  news.stream = mail::Stream::broadcast;
  CHECK(sent(world, news).outcome == mail::Outcome::ok);
  auto other = sample_mail("00000000-0000-4000-8000-000000000003");
  other.to = "bob@example.com";
  CHECK(sent(world, other).outcome == mail::Outcome::ok);
}

}  // namespace
}  // namespace driftstack::mail_postmark
