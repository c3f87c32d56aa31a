#include "mfa_fixture.hpp"

#include <liboath/oath.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <thread>

#include "driftstack/support/random_bytes.hpp"
#include "driftstack/testing/manifest_defaults.hpp"

namespace driftstack::mfa_totp::test {
namespace {

constexpr std::int64_t kPeriodMicros = kPeriodSeconds * 1'000'000;

}  // namespace

MfaFixture::MfaFixture() : host(testing::manifest_defaults(DRIFTSTACK_PLUGIN_MANIFEST)) {
  store_ = testing::open_store_under_test(host);
  host.provide<db::Database>(&store_->database());
  host.provide<AuditLog>(&audit);
  host.provide<SignInDesk>(&desk);
  host.provide<SlowHash>(&desk);
  parts_ = std::make_unique<Parts>(host, vault_);
  const auto call = host.call(std::chrono::minutes(5));
  REQUIRE(run(parts_->store.migrate(*call)));
}

MfaFixture::~MfaFixture() {
  parts_.reset();
  store_->close();
}

Result<Response> MfaFixture::send(const Principal& caller, Method method, std::string_view path, std::string body, std::string_view address,
                                  IoThread thread) {
  for (const Route& route : parts().routes.routes()) {
    if (route.method != method || route.path != path) continue;
    const auto call = host.call(std::chrono::minutes(5), thread);
    if (route.authentication != Authentication::none) call->set_principal(caller);
    call->set_client(std::string(address), "test agent");
    Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    return run(route.handler->handle(*call, request), thread);
  }
  throw std::logic_error("there is no route " + std::string(path));
}

std::optional<SignInChallenge> MfaFixture::challenge(const Uuid& account, std::string_view address) {
  const auto call = host.call(std::chrono::minutes(5));
  call->set_client(std::string(address), "test agent");
  std::optional<SignInChallenge> challenge;
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    auto held = co_await desk.hold(transaction, account);
    if (!held) co_return held;
    auto asked = co_await parts().challenges.challenge(transaction, *call, account);
    if (!asked) co_return std::move(asked).error();
    challenge = *std::move(asked);
    co_return Done();
  };
  REQUIRE(run(db::transaction(parts().store.database(), *call, body)));
  return challenge;
}

Result<Response> MfaFixture::answer(const SignInChallenge& challenge, std::string members, std::string_view address, IoThread thread) {
  std::string body = R"({"challenge_token":")" + challenge.token + "\"," + members + "}";
  return send(Principal(), Method::post, "/v1/auth/mfa/challenge", std::move(body), address, thread);
}

Principal MfaFixture::person() {
  Principal principal;
  principal.account = principal.effective_account = random_uuid();
  principal.credential = random_uuid();
  principal.kind = CredentialKind::web_session;
  principal.scopes = ScopeSet{Scope::account_owner};
  return principal;
}

void MfaFixture::next_step() {
  host.clock().freeze();
  host.clock().advance(std::chrono::microseconds(kPeriodMicros - host.clock().unix_micros() % kPeriodMicros));
}

MfaFixture::Enrolled MfaFixture::enrolled() {
  next_step();
  Enrolled made;
  made.principal = person();
  const auto invitation = send(made.principal, Method::post, "/v1/account/mfa/enroll");
  REQUIRE(invitation);
  made.seed = seed_in(*invitation);
  const auto codes = send(made.principal, Method::post, "/v1/account/mfa/verify", "{" + code_member(made) + "}");
  REQUIRE(codes);
  made.recovery_codes = texts_member(*codes, "recovery_codes");
  next_step();
  return made;
}

std::string MfaFixture::code(const Enrolled& person, int steps) {
  return code_of(*person.seed, step_at(host.clock().unix_micros()) + steps);
}

std::string MfaFixture::wrong_code(const Enrolled& person) {
  for (int guess = 0;; ++guess) {
    std::string text = std::to_string(1'000'000 + guess).substr(1);
    if (!matching_step(*person.seed, text, host.clock().unix_micros())) return text;
  }
}

std::string text_member(const Response& response, std::string_view name) {
  const auto body = wire::Json::parse(response.body);
  REQUIRE(body);
  const auto member = body->view().find(name);
  REQUIRE(member);
  const auto text = member->as_text();
  REQUIRE(text);
  return *text;
}

std::vector<std::string> texts_member(const Response& response, std::string_view name) {
  const auto body = wire::Json::parse(response.body);
  REQUIRE(body);
  const auto member = body->view().find(name);
  REQUIRE(member);
  std::vector<std::string> texts;
  for (const auto& item : member->elements()) texts.push_back(*item.as_text());
  return texts;
}

Seed seed_in(const Response& invitation) {
  const std::string text = text_member(invitation, "secret_base32");
  char* bytes = nullptr;
  std::size_t size = 0;
  REQUIRE(oath_base32_decode(text.data(), text.size(), &bytes, &size) == OATH_OK);
  const auto seed = Seed::from_bytes(std::string_view(bytes, size));
  std::free(bytes);
  REQUIRE(seed);
  return *seed;
}

void in_parallel(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (auto& thread : threads) thread.join();
}

}  // namespace driftstack::mfa_totp::test
