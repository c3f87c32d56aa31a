#include "audit_fixture.hpp"

#include <catch2/catch.hpp>

namespace driftstack::audit::test {

AuditEntry own_entry(const Uuid& account, std::string action) {
  AuditEntry entry(account, AuditActor::customer, std::move(action));
  entry.actor_account = account;
  entry.actor_key = account;
  entry.ip_address = "192.0.2.1";
  entry.user_agent = "agent";
  return entry;
}

AuditFixture::AuditFixture() : plugin_(DRIFTSTACK_PLUGIN_PACKAGE) {
  store_ = testing::open_store_under_test(host());
  host().provide<db::Database>(&store_->database());
  REQUIRE(plugin_.configure());
  REQUIRE(plugin_.start());
}

AuditFixture::~AuditFixture() {
  (void)plugin_.stop();
  store_->close();
}

Result<> AuditFixture::append(AuditEntry entry, IoThread thread) {
  const auto call = host().call(std::chrono::minutes(5), thread);
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> { co_return co_await log().append(transaction, entry); };
  return testing::run(host(), db::transaction(database(), *call, body), thread);
}

void AuditFixture::append_all(const Uuid& account, int count) {
  for (int i = 0; i < count; ++i) {
    AuditEntry entry = own_entry(account);
    entry.target = "ses_" + std::to_string(i + 1);
    entry.payload = "{\"number\":" + std::to_string(i + 1) + "}";
    REQUIRE(append(std::move(entry)));
  }
}

AuditVerdict AuditFixture::verify() {
  const auto call = host().call(std::chrono::minutes(5));
  auto verdict = testing::run(host(), plugin_.provide<AuditVerification>()->verify(*call));
  REQUIRE(verdict);
  return *verdict;
}

std::int64_t AuditFixture::execute(const db::Statement& statement, db::Values values) {
  const auto call = host().call(std::chrono::minutes(5));
  auto rows = testing::run(host(), database().write(*call, statement, std::move(values)));
  REQUIRE(rows);
  return rows->changed();
}

db::Rows AuditFixture::read(const db::Statement& statement, db::Values values) {
  const auto call = host().call(std::chrono::minutes(5));
  auto rows = testing::run(host(), database().read(*call, statement, std::move(values)));
  REQUIRE(rows);
  return *rows;
}

Result<Response> AuditFixture::get(const Uuid& account, std::string_view path, std::string query) {
  Principal caller;
  caller.account = caller.effective_account = account;
  return get_as(caller, path, std::move(query));
}

Result<Response> AuditFixture::get_as_member(const Uuid& account, std::string_view path, std::string query) {
  Principal caller;
  caller.account = random_uuid();
  caller.effective_account = account;
  caller.role = TeamRole::member;
  return get_as(caller, path, std::move(query));
}

wire::Json AuditFixture::page(const Uuid& account, std::string query) {
  auto answer = get(account, "/v1/account/audit-log", std::move(query));
  REQUIRE(answer);
  auto body = wire::Json::parse(answer->body);
  REQUIRE(body);
  return *body;
}

Result<Response> AuditFixture::get_as(const Principal& caller, std::string_view path, std::string query) {
  const Route* found = route(path);
  REQUIRE(found != nullptr);
  const auto call = host().call(std::chrono::minutes(5));
  call->set_principal(caller);
  Request request;
  request.path = path;
  request.query = query;
  return testing::run(host(), found->handler->handle(*call, request));
}

std::string text_of(wire::JsonView object, std::string_view name) {
  const auto member = object.find(name);
  REQUIRE(member);
  return member->is_null() ? std::string() : member->as_text().value();
}

std::vector<wire::JsonView> items(const wire::Json& page) { return page.view().find("data")->elements(); }

}  // namespace driftstack::audit::test
