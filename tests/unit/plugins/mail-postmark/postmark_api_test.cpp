#include "postmark_api.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "driftstack/support/json.hpp"
#include "driftstack/testing/conformance/mailer.hpp"

namespace driftstack::mail_postmark {
namespace {

using mail::Outcome;

PostmarkServer server_from(const char* from) {
  PostmarkServer server;
  server.endpoint = "https://api.postmarkapp.com";
  server.token = SecretText("a-token");
  server.sender = *MailSender::from_text(from);
  server.transactional_stream = "outbound";
  server.broadcast_stream = "news";
  return server;
}

OutboundResponse answer(int status, std::string body) {
  OutboundResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

std::string member(const OutboundRequest& request, const char* name) {
  const auto body = wire::Json::parse(request.body);
  REQUIRE(body);
  const auto found = body->view().find(name);
  REQUIRE(found);
  return found->as_text().value_or(std::string(found->text()));
}

TEST_CASE("a mail is one request that tracks nothing and keeps its Message-ID") {
  const auto message = testing::conformance::detail::sample_mail();
  const OutboundRequest request = email_request(server_from("Dr. \"D\" <no-reply@example.com>"), message);
  CHECK(request.method == "POST");
  CHECK(request.url == "https://api.postmarkapp.com/email");
  CHECK(member(request, "From") == R"("Dr. \"D\"" <no-reply@example.com>)");
  CHECK(member(request, "To") == "ada@example.com");
  CHECK(member(request, "MessageStream") == "outbound");
  CHECK(member(request, "Tag") == "signup-verification");
  CHECK(member(request, "TrackOpens") == "false");
  CHECK(member(request, "TrackLinks") == "None");
  CHECK(member(request, "Headers").find(R"({"Name":"Message-ID","Value":"<)" + message.id + R"(@example.com>"})") != std::string::npos);
  CHECK(member(request, "Headers").find(R"({"Name":"X-PM-KeepID","Value":"true"})") != std::string::npos);
}

TEST_CASE("a mail for many goes out by the stream for broadcasts") {
  auto message = testing::conformance::detail::sample_mail();
  message.stream = mail::Stream::broadcast;
  CHECK(member(email_request(server_from("no-reply@example.com"), message), "MessageStream") == "news");
}

TEST_CASE("every answer of Postmark has its outcome") {
  const auto [status, code, outcome] = GENERATE(table<int, int, Outcome>({{401, 10, Outcome::account_inactive},
                                                                          {422, 300, Outcome::invalid_request},
                                                                          {422, 400, Outcome::account_inactive},
                                                                          {422, 401, Outcome::account_inactive},
                                                                          {422, 402, Outcome::invalid_request},
                                                                          {422, 405, Outcome::account_inactive},
                                                                          {422, 406, Outcome::inactive_recipient},
                                                                          {422, 412, Outcome::pending_approval},
                                                                          {422, 413, Outcome::account_inactive},
                                                                          {422, 1235, Outcome::account_inactive},
                                                                          {422, 9999, Outcome::unknown},
                                                                          {429, 429, Outcome::rate_limited},
                                                                          {500, 0, Outcome::transport},
                                                                          {503, 100, Outcome::transport}}));
  INFO(status << " " << code);
  const auto attempt = attempt_of(answer(status, R"({"ErrorCode":)" + std::to_string(code) + R"(,"Message":"ada@example.com"})"));
  CHECK(attempt.outcome == outcome);
  CHECK(attempt.detail.find(std::to_string(status)) != std::string::npos);
  CHECK(attempt.detail.find("ada@example.com") == std::string::npos);
  CHECK(attempt.reference.empty());
}

TEST_CASE("an answer that is not Postmark's is no success, whatever its status") {
  const auto [status, body, outcome] =
      GENERATE(table<int, std::string, Outcome>({{200, "<html></html>", Outcome::unknown},
                                                 {200, "{}", Outcome::unknown},
                                                 {200, R"({"ErrorCode":406})", Outcome::inactive_recipient},
                                                 {403, "<html></html>", Outcome::unknown},
                                                 {413, "", Outcome::invalid_request},
                                                 {502, "bad gateway", Outcome::transport}}));
  INFO(status << " " << body);
  CHECK(attempt_of(answer(status, body)).outcome == outcome);
}

TEST_CASE("a taken mail carries Postmark's name for it") {
  const auto attempt = attempt_of(answer(200, R"({"To":"ada@example.com","MessageID":"b7bc2f4a","ErrorCode":0,"Message":"OK"})"));
  CHECK(attempt.outcome == Outcome::ok);
  CHECK(attempt.reference == "b7bc2f4a");
}

TEST_CASE("a server that is slowed down waits as long as it is told, or a minute") {
  auto told = answer(429, R"({"ErrorCode":429})");
  CHECK(attempt_of(told).retry_after_seconds == 60);
  told.headers.emplace_back("Retry-After", "7");
  CHECK(attempt_of(told).retry_after_seconds == 7);
  told.headers.back().value = "99999999";
  CHECK(attempt_of(told).retry_after_seconds == 3600);
}

}  // namespace
}  // namespace driftstack::mail_postmark
