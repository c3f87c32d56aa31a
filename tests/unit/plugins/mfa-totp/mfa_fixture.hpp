#pragma once
// The parts of the plugin on a real database, with a desk that signs in whomever a test names.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/http.hpp"
#include "driftstack/support/json.hpp"
#include "driftstack/testing/fake_host.hpp"
#include "driftstack/testing/recording_audit_log.hpp"
#include "driftstack/testing/recording_sign_in_desk.hpp"
#include "driftstack/testing/run.hpp"
#include "plugins/mfa-totp/parts.hpp"
#include "tests/unit/plugins/store_under_test.hpp"

namespace driftstack::mfa_totp::test {

inline constexpr const char* kHome = "192.0.2.1";

class MfaFixture {
 public:
  MfaFixture();
  ~MfaFixture();

  testing::FakeHost host;
  testing::RecordingAuditLog audit;
  testing::RecordingSignInDesk desk;
  Parts& parts() noexcept { return *parts_; }

  /// Calls the handler of a route as the web session of `caller`, as the pipeline does after its checks.
  Result<Response> send(const Principal& caller, Method method, std::string_view path, std::string body = {},
                        std::string_view address = kHome, IoThread thread = 0);
  /// What a sign-in with the right first factor leads to.
  std::optional<SignInChallenge> challenge(const Uuid& account, std::string_view address = kHome);
  Result<Response> answer(const SignInChallenge& challenge, std::string members, std::string_view address = kHome, IoThread thread = 0);

  /// A web session of a fresh account.
  static Principal person();
  /// Moves the clock, which then stands still, to the start of a fresh period.
  void next_step();

  struct Enrolled {
    Principal principal;
    std::optional<Seed> seed;
    std::vector<std::string> recovery_codes;
    Uuid account() const { return principal.account; }
  };
  /// An account with a factor, at a step whose code was not used yet.
  Enrolled enrolled();
  std::string code(const Enrolled& person, int steps = 0);
  std::string code_member(const Enrolled& person, int steps = 0) { return R"("code":")" + code(person, steps) + "\""; }
  std::string wrong_code(const Enrolled& person);

  template <class T>
  T run(Task<T> task, IoThread thread = 0) {
    return testing::run(host, std::move(task), thread);
  }

 private:
  std::unique_ptr<testing::StoreUnderTest> store_;
  SeedVault vault_{host.secrets()};
  std::unique_ptr<Parts> parts_;
};

/// A member of a JSON answer; fails the test when there is none.
std::string text_member(const Response& response, std::string_view name);
std::vector<std::string> texts_member(const Response& response, std::string_view name);
/// The seed that an enrolment showed.
Seed seed_in(const Response& invitation);

template <class T>
Errc code_of(const Result<T>& answer) {
  return answer ? Errc::internal : answer.error().code;
}

/// Runs `work(i)` for i below `count` at the same time, each on a thread of its own. `work` uses no macro of Catch: they are for one
/// thread.
void in_parallel(int count, const std::function<void(int)>& work);

}  // namespace driftstack::mfa_totp::test
