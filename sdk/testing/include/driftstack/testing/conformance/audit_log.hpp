#pragma once
// Conformance suite of audit.log/1, and of audit.verification/1 where the plugin has it.

#include <catch2/catch.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "driftstack/roles/audit_log.hpp"
#include "driftstack/roles/audit_verification.hpp"
#include "driftstack/roles/database.hpp"
#include "driftstack/testing/conformance/subject.hpp"

namespace driftstack::testing::conformance {

/// An audit log with the database that it writes to.
struct AuditLogSubject {
  AuditLogSubject(Subject<AuditLog> subject, db::Database& database) : subject(std::move(subject)), database(database) {}
  Subject<AuditLog> subject;
  db::Database& database;
  /// Number of entries of an account, read from what was committed.
  std::function<std::int64_t(const Uuid& account)> count;
  /// Null when the plugin has none.
  AuditVerification* verification = nullptr;
};

using MakeAuditLogSubject = std::function<AuditLogSubject()>;

namespace detail {

inline Uuid numbered_uuid(std::uint8_t number) {
  Uuid::Bytes bytes{};
  bytes.back() = number;
  return Uuid::from_random_bytes(bytes);
}

inline AuditEntry full_entry(const Uuid& account) {
  AuditEntry entry(account, AuditActor::customer, "api_key.minted");
  entry.actor_account = account;
  entry.actor_key = numbered_uuid(250);
  entry.target = "key_" + numbered_uuid(251).to_text();
  entry.payload = R"({"name":"a \"quoted\" name","count":2})";
  entry.ip_address = "2001:db8::1";
  entry.user_agent = "conformance/1";
  return entry;
}

/// Appends entries in one transaction that then answers `end`.
inline AsyncResult<> append_all(AuditLogSubject& of, const Call& call, std::vector<AuditEntry> entries, Result<> end) {
  auto body = [&](db::Transaction& transaction) -> AsyncResult<> {
    for (const auto& entry : entries) {
      AuditEntry copy = entry;
      auto appended = co_await of.subject.role.append(transaction, std::move(copy));
      if (!appended) co_return std::move(appended).error();
    }
    co_return end;
  };
  co_return co_await db::transaction(of.database, call, body);
}

inline Result<> append_now(AuditLogSubject& of, std::vector<AuditEntry> entries, Result<> end = Done()) {
  const auto call = of.subject.host.call();
  return run(of.subject.host, append_all(of, *call, std::move(entries), std::move(end)));
}

/// Waits for a number of finished tasks.
class Countdown {
 public:
  explicit Countdown(int left) : left_(left) {}
  void finish(bool ok) {
    const std::lock_guard lock(mutex_);
    failed_ += ok ? 0 : 1;
    if (--left_ == 0) done_.notify_all();
  }
  int wait() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return left_ == 0; });
    return failed_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  int left_, failed_ = 0;
};

inline Task<bool> append_on(AuditLogSubject& of, const Call& call, IoThread thread, AuditEntry entry) {
  co_await on_io(of.subject.host.scheduler(), thread);
  std::vector<AuditEntry> entries;
  entries.push_back(std::move(entry));
  Result<> end;
  auto task = append_all(of, call, std::move(entries), std::move(end));
  const auto result = co_await task;
  co_return result.has_value();
}

inline void check_verdict(AuditLogSubject& of, std::int64_t entries) {
  if (of.verification == nullptr) return;
  const auto call = of.subject.host.call();
  const auto verdict = run(of.subject.host, of.verification->verify(*call));
  REQUIRE(verdict);
  CHECK_FALSE(verdict->first_break.has_value());
  CHECK(verdict->entries == entries);
}

}  // namespace detail

/// The store must be empty in every fresh subject.
inline void audit_log(const MakeAuditLogSubject& make) {
  using detail::append_now;
  using detail::full_entry;
  auto of = make();
  const Uuid account = detail::numbered_uuid(1);
  const Uuid other = detail::numbered_uuid(2);

  SECTION("an entry is there once its transaction committed") {
    CHECK(of.count(account) == 0);
    REQUIRE(append_now(of, {full_entry(account)}));
    CHECK(of.count(account) == 1);
    detail::check_verdict(of, 1);
  }
  SECTION("an entry of a transaction that failed is not there, and the next one follows without a gap") {
    REQUIRE(append_now(of, {full_entry(account)}));
    CHECK(append_now(of, {full_entry(account)}, Error(Errc::conflict, "taken")).error().code == Errc::conflict);
    CHECK(of.count(account) == 1);
    REQUIRE(append_now(of, {full_entry(account)}));
    CHECK(of.count(account) == 2);
    detail::check_verdict(of, 2);
  }
  SECTION("one transaction may append several entries, of several accounts") {
    REQUIRE(append_now(of, {full_entry(account), full_entry(account), full_entry(other)}));
    CHECK(of.count(account) == 2);
    CHECK(of.count(other) == 1);
    detail::check_verdict(of, 3);
  }
  SECTION("an entry needs no more than account, actor and action") {
    REQUIRE(append_now(of, {AuditEntry(account, AuditActor::system, "session.destroyed")}));
    REQUIRE(append_now(of, {AuditEntry(account, AuditActor::staff, "account.suspended")}));
    CHECK(of.count(account) == 2);
    detail::check_verdict(of, 2);
  }
  SECTION("entries appended at the same time from several threads are all there, in one unbroken chain") {
    constexpr int kEntries = 24;
    detail::Countdown left(kEntries);
    std::vector<std::unique_ptr<Call>> calls;
    const auto threads = of.subject.host.scheduler().io_threads();
    for (int i = 0; i < kEntries; ++i) {
      const auto thread = static_cast<IoThread>(i) % threads;
      calls.push_back(of.subject.host.call(std::chrono::seconds(30), thread));
      start(detail::append_on(of, *calls.back(), thread, full_entry(i % 2 == 0 ? account : other)), [&left](bool ok) { left.finish(ok); });
    }
    CHECK(left.wait() == 0);
    CHECK(of.count(account) + of.count(other) == kEntries);
    detail::check_verdict(of, kEntries);
  }
}

}  // namespace driftstack::testing::conformance
