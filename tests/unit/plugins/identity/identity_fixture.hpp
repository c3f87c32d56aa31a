#pragma once
// The parts of the plugin on a real database, with a host of the testing kit.

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/http.hpp"
#include "driftstack/principal.hpp"
#include "driftstack/testing/fake_host.hpp"
#include "driftstack/testing/recording_audit_log.hpp"
#include "driftstack/testing/run.hpp"
#include "plugins/identity/parts.hpp"
#include "plugins/identity/tiers.hpp"
#include "tests/unit/plugins/store_under_test.hpp"

namespace driftstack::identity::test {

/// What a POST with `Idempotency-Key` hands to a handler; remembers what it was completed with.
class RecordedKey final : public IdempotencyRecord {
 public:
  AsyncResult<> complete(db::Transaction& transaction, int status, std::string body, std::string resource_id) override;
  int status = 0;
  std::string body, resource_id;
};

/// One server process: wired parts that share database and clock with every other process of the fixture.
class Process {
 public:
  Process(testing::FakeHost& host, const Tiers& tiers);
  ~Process();
  Parts parts;

 private:
  testing::FakeHost& host_;
};

class IdentityFixture {
 public:
  explicit IdentityFixture(std::initializer_list<testing::MapSettings::Entry> settings = {});
  ~IdentityFixture();

  testing::FakeHost& host() noexcept { return host_; }
  testing::RecordingAuditLog& audit() noexcept { return audit_; }
  Parts& parts() noexcept { return main_->parts; }
  KeyAdministration& administration() noexcept { return main_->parts.operator_keys; }
  db::Database& database() noexcept { return store_->database(); }
  /// A second process on the same store, as the command line is.
  std::unique_ptr<Process> other_process() { return std::make_unique<Process>(host_, tiers_); }

  /// As the pipeline does: from memory, else in full.
  Result<Principal> authenticate(const std::string& token, IoThread thread = 0);
  /// What memory alone answers.
  std::optional<Result<Principal>> authenticate_now(const std::string& token);
  /// The principal behind a key that must be good.
  Principal principal(const std::string& token);

  /// Calls the handler of a route, as the pipeline does after its checks. `path` is the template.
  Result<Response> send(const Principal& caller, Method method, std::string_view path, std::string body = {}, std::string id = {},
                        IdempotencyRecord* keyed = nullptr, IoThread thread = 0);

  /// An account on a tier, with an owner key; no audit entries of it are asked for.
  struct Customer {
    Uuid account;
    std::string token;
    Principal principal;  ///< whom the token stands for, without the cost of checking it
  };
  Customer customer(std::string_view tier);
  /// Puts an account on the team of another; answers the membership.
  Uuid join(const Uuid& owner, const Uuid& member, std::string_view role);
  /// Runs one statement, which the tests use to put rows into states that no operation of this version makes.
  void execute(const db::Statement& statement, db::Values values);

  double outcomes(const char* outcome) { return host_.metrics().value("driftstack_auth_total", {Label("outcome", outcome)}); }

  template <class T>
  T run(Task<T> task, IoThread thread = 0) {
    return testing::run(host_, std::move(task), thread);
  }

 private:
  testing::FakeHost host_;
  testing::RecordingAuditLog audit_;
  std::unique_ptr<testing::StoreUnderTest> store_;
  Tiers tiers_;
  std::unique_ptr<Process> main_;
};

/// Runs `work(i)` for i below `count` at the same time, each on a thread of its own.
/// `work` uses no macro of Catch: they are for one thread.
void in_parallel(int count, const std::function<void(int)>& work);

/// The text of a member of a JSON object; fails the test when there is none.
std::string text_member(const Response& response, std::string_view name);

}  // namespace driftstack::identity::test
