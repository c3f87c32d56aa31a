#pragma once
// A host, a database and the plugin's parts, without Postmark.

#include <memory>
#include <string>

#include "bounce_webhook.hpp"
#include "postmark_mailer.hpp"
#include "tests/unit/plugins/store_under_test.hpp"

namespace driftstack::mail_postmark {

inline constexpr const char* kEmailUrl = "https://api.postmarkapp.com/email";

struct World {
  World() : store(testing::open_store_under_test(host)), suppressions(store->database(), host.secrets()) {
    const auto call = host.call();
    REQUIRE(testing::run(host, suppressions.migrate(*call)));
    PostmarkServer server;
    server.endpoint = "https://api.postmarkapp.com";
    server.token = SecretText("a-token");
    server.sender = *MailSender::from_text("no-reply@example.com");
    server.transactional_stream = "outbound";
    server.broadcast_stream = "broadcast";
    mailer = std::make_unique<PostmarkMailer>(host, std::move(server), std::chrono::seconds(20), suppressions);
  }
  ~World() { store->close(); }

  Result<Response> post(const std::string& body, const std::string& authorization, const std::string& credentials = "postmark:s3cret") {
    BounceWebhook webhook(host, suppressions, SecretText(credentials), "outbound");
    const HeaderView header{"authorization", authorization};
    Request request;
    request.method = Method::post;
    request.body = body;
    if (!authorization.empty()) request.headers = std::span<const HeaderView>(&header, 1);
    const auto call = host.call();
    return testing::run(host, webhook.receive(*call, request));
  }
  std::optional<std::string> reason_against(const std::string& address, const std::string& stream = "outbound") {
    const auto call = host.call();
    auto reason = testing::run(host, suppressions.reason_against(*call, address, stream));
    REQUIRE(reason);
    return *reason;
  }

  testing::FakeHost host;
  std::unique_ptr<testing::StoreUnderTest> store;
  SuppressionStore suppressions;
  std::unique_ptr<PostmarkMailer> mailer;
};

}  // namespace driftstack::mail_postmark
