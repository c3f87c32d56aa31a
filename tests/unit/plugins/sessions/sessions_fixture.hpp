#pragma once
// The built plugin on a real SQLite file, with a fake browser backend and a recording audit log; requests go to its route handlers.

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/http.hpp"
#include "driftstack/roles/accounts.hpp"
#include "driftstack/support/json.hpp"
#include "driftstack/testing/fake_browser_backend.hpp"
#include "driftstack/testing/fixed_authenticator.hpp"
#include "driftstack/testing/memory_object_store.hpp"
#include "driftstack/testing/plugin_fixture.hpp"
#include "driftstack/testing/recording_audit_log.hpp"
#include "plugins/database-sqlite/engine.hpp"

namespace driftstack::sessions::test {

/// Caps that the test sets: the same for every tier but `free`, which has a duration cap of 20 minutes.
class FixedAccounts final : public AccountDirectory {
 public:
  TierCaps caps(std::string_view tier) const noexcept override {
    TierCaps caps;
    caps.concurrent_sessions = concurrent_sessions;
    caps.profiles = profiles;
    caps.saved_proxies = saved_proxies;
    caps.storage_bytes = storage_bytes;
    caps.storage_hard_stop = tier != "enterprise";
    caps.session_log_days = session_log_days;
    if (tier == "free") caps.max_session_minutes = 20;
    return caps;
  }
  std::int64_t concurrent_sessions = 32, session_log_days = 7;
  std::optional<std::int64_t> profiles, saved_proxies;
  std::int64_t storage_bytes = std::int64_t{1} << 30;
};

/// Remembers what a handler completed in its transaction.
class RememberedRecord final : public IdempotencyRecord {
 public:
  AsyncResult<> complete(db::Transaction&, int status, std::string body, std::string resource_id) override {
    status_ = status;
    body_ = std::move(body);
    resource_id_ = std::move(resource_id);
    co_return Done();
  }
  int status_ = 0;
  std::string body_, resource_id_;
};

struct Options {
  bool with_backend = true;
  bool with_view = true;
  bool with_objects = true;
  bool with_forms = true;
  bool start = true;
};

class SessionsFixture {
 public:
  explicit SessionsFixture(Options options = Options());
  ~SessionsFixture();

  testing::FakeHost& host() { return plugin_.host(); }
  db::Database& database() { return *engine_; }
  testing::PluginFixture& plugin() { return plugin_; }

  /// Stops the plugin, with the clock running ahead so that its timers are due.
  void stop();

  /// Sends a request to the route that matches. Blocks until it is answered; safe from several test threads at once.
  Result<Response> send(Method method, std::string path, std::string body = "", IdempotencyRecord* record = nullptr);
  Result<Response> send_as(const Principal& caller, Method method, std::string path, std::string body = "",
                           IdempotencyRecord* record = nullptr);
  std::future<Result<Response>> send_later(Method method, std::string path, std::string body = "");

  Result<Response> post(std::string path, std::string body) { return send(Method::post, std::move(path), std::move(body)); }
  Result<Response> get(std::string path) { return send(Method::get, std::move(path)); }

  /// Follows the log of a session: the answer has events.
  Result<Response> follow(const std::string& id);

  /// Creates a session and answers its id.
  std::string create(std::string body = "{}");
  /// The record of a session, or what one of its members says.
  wire::Json record(const std::string& id);
  std::string member(const std::string& id, std::string_view name);
  std::string status(const std::string& id) { return member(id, "status"); }
  /// Waits until the record says so; fails the test after a generous limit.
  void await_status(const std::string& id, std::string_view status);
  std::int64_t open_sessions();

  Principal caller = testing::test_principal(1, ScopeSet{Scope::account_owner}, "api_builder");
  FixedAccounts accounts;
  testing::RecordingAuditLog audit;
  testing::MemoryObjectStore objects;

 private:
  testing::PluginFixture plugin_;

 public:
  testing::FakeBrowserBackend browsers{plugin_.host().scheduler()};

 private:
  testing::TemporaryDirectory directory_;
  std::unique_ptr<database_sqlite::Engine> engine_;
  bool stopped_ = false;
  bool wants_events_ = false;
};

/// What a JSON text has under a key, as compact JSON; empty when there is no such key.
std::string json_member(std::string_view json, std::string_view name);
/// Text of a JSON string member.
std::string text_member(std::string_view json, std::string_view name);

}  // namespace driftstack::sessions::test
