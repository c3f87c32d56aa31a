#include "identity_fixture.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "driftstack/support/json.hpp"
#include "driftstack/testing/manifest_defaults.hpp"

namespace driftstack::identity::test {
namespace {

constinit const db::Statement kInsertAccount(
    "INSERT INTO identity_accounts (id, email, tier, status, created_at, change, email_verified_at) VALUES ($1, $2, $3, 'active', $4, 0, "
    "$4)");

constinit const db::Statement kInsertMembership(
    "INSERT INTO identity_team_members (id, owner_account_id, member_account_id, role, invited_at, accepted_at) "
    "VALUES ($1, $2, $3, $4, $5, $5)");

Task<Result<Principal>> authenticate_on(Parts& parts, const Call& call, std::string token) {
  if (auto known = parts.authenticate_now(token)) co_return *std::move(known);
  co_return co_await parts.authenticate(call, std::move(token));
}

AsyncResult<> start(Parts& parts, const Call& call) {
  auto migrated = co_await parts.store.migrate(call);
  if (!migrated) co_return migrated;
  parts.pool.start();
  co_return co_await parts.watch.start(call);
}

}  // namespace

AsyncResult<> RecordedKey::complete(db::Transaction&, int with_status, std::string with_body, std::string id) {
  status = with_status;
  body = std::move(with_body);
  resource_id = std::move(id);
  co_return Done();
}

Process::Process(testing::FakeHost& host, const Tiers& tiers) : parts(host, tiers), host_(host) {
  const auto call = host.call(std::chrono::minutes(5));
  REQUIRE(testing::run(host, start(parts, *call)));
}

Process::~Process() {
  // The watch ends at its next look, which a frozen clock would put off for ever.
  auto stopped = std::async(std::launch::async, [this] { testing::run(host_, parts.watch.stop()); });
  while (stopped.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) host_.clock().advance(std::chrono::milliseconds(10));
  parts.pool.stop();
}

IdentityFixture::IdentityFixture(std::initializer_list<testing::MapSettings::Entry> settings)
    : host_(testing::manifest_defaults(DRIFTSTACK_PLUGIN_MANIFEST).with(settings)) {
  store_ = testing::open_store_under_test(host_);
  host_.provide<db::Database>(&store_->database());
  host_.provide<AuditLog>(&audit_);
  REQUIRE(tiers_.read(host_.settings().table("tiers")));
  main_ = std::make_unique<Process>(host_, tiers_);
}

IdentityFixture::~IdentityFixture() {
  main_.reset();
  store_->close();
}

Result<Principal> IdentityFixture::authenticate(const std::string& token, IoThread thread) {
  const auto call = host_.call(std::chrono::minutes(5), thread);
  return run(authenticate_on(parts(), *call, token), thread);
}

std::optional<Result<Principal>> IdentityFixture::authenticate_now(const std::string& token) {
  return testing::call_on_io(host_, [&] { return parts().authenticate_now(token); });
}

Principal IdentityFixture::principal(const std::string& token) {
  auto outcome = authenticate(token);
  REQUIRE(outcome);
  return *outcome;
}

Result<Response> IdentityFixture::send(const Principal& caller, Method method, std::string_view path, std::string body, std::string id,
                                       IdempotencyRecord* keyed, IoThread thread) {
  for (const Route& route : parts().routes.routes()) {
    if (route.method != method || route.path != path) continue;
    const auto call = host_.call(std::chrono::minutes(5), thread);
    call->set_principal(caller);
    call->set_client("192.0.2.1", "test agent");
    const ParameterView parameter{"id", id};
    Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.parameters = {&parameter, 1};
    request.idempotency = keyed;
    return run(route.handler->handle(*call, request), thread);
  }
  FAIL("there is no such route: " << path);
  return Error(Errc::not_found, "no route");
}

IdentityFixture::Customer IdentityFixture::customer(std::string_view tier) {
  const Uuid account = random_uuid();
  execute(kInsertAccount, db::values(account.to_text(), account.to_text() + "@example.test", tier, host_.clock().unix_micros()));
  const auto call = host_.call(std::chrono::minutes(5));
  KeySpec spec("owner", ScopeSet{Scope::account_owner});
  spec.account = account;
  auto created = run(administration().create_key(*call, std::move(spec)));
  REQUIRE(created);
  Customer customer;
  customer.account = account;
  customer.token = created->plaintext;
  customer.principal.account = customer.principal.effective_account = account;
  customer.principal.credential = created->record.id;
  customer.principal.scopes = created->record.scopes;
  customer.principal.tier = customer.principal.effective_tier = TierSlug(tier);
  return customer;
}

Uuid IdentityFixture::join(const Uuid& owner, const Uuid& member, std::string_view role) {
  const Uuid id = random_uuid();
  execute(kInsertMembership, db::values(id.to_text(), owner.to_text(), member.to_text(), role, host_.clock().unix_micros()));
  return id;
}

void IdentityFixture::execute(const db::Statement& statement, db::Values values) {
  const auto call = host_.call();
  REQUIRE(run(database().write(*call, statement, std::move(values))));
}

void in_parallel(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (auto& thread : threads) thread.join();
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

}  // namespace driftstack::identity::test
