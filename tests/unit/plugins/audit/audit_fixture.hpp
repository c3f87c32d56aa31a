#pragma once
// The built package on a real database.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/http.hpp"
#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/audit_verification.hpp"
#include "driftstack/support/json.hpp"
#include "driftstack/support/random_bytes.hpp"
#include "driftstack/testing/plugin_fixture.hpp"
#include "tests/unit/plugins/store_under_test.hpp"

namespace driftstack::audit::test {

/// An entry that a customer's own key made.
AuditEntry own_entry(const Uuid& account, std::string action = "session.created");

class AuditFixture {
 public:
  AuditFixture();
  ~AuditFixture();

  testing::FakeHost& host() noexcept { return plugin_.host(); }
  db::Database& database() noexcept { return store_->database(); }
  AuditLog& log() noexcept { return *plugin_.provide<AuditLog>(); }
  const Route* route(std::string_view path) noexcept { return plugin_.route(Method::get, path); }

  /// Appends in one transaction each.
  Result<> append(AuditEntry entry, IoThread thread = 0);
  void append_all(const Uuid& account, int count);
  AuditVerdict verify();
  /// One statement, with which the tests do what an intruder would.
  std::int64_t execute(const db::Statement& statement, db::Values values);
  db::Rows read(const db::Statement& statement, db::Values values);

  /// GET with a query, as the owner of the log or as somebody who acts for them.
  Result<Response> get(const Uuid& account, std::string_view path, std::string query = {});
  Result<Response> get_as_member(const Uuid& account, std::string_view path, std::string query = {});
  /// A page that must be there.
  wire::Json page(const Uuid& account, std::string query = {});

 private:
  Result<Response> get_as(const Principal& caller, std::string_view path, std::string query);

  testing::PluginFixture plugin_;
  std::unique_ptr<testing::StoreUnderTest> store_;
};

/// Text of a member of an object; empty when it is null.
std::string text_of(wire::JsonView object, std::string_view name);
std::vector<wire::JsonView> items(const wire::Json& page);

}  // namespace driftstack::audit::test
