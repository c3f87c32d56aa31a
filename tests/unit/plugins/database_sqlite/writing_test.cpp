#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "file_store.hpp"

namespace driftstack::testing {
namespace {

constexpr db::Migration kTables[] = {{1, "rows", "CREATE TABLE rows (id bigint PRIMARY KEY, words text NOT NULL)"}};
constinit const db::Statement kInsert("INSERT INTO rows (id, words) VALUES ($1, $2)");
constinit const db::Statement kInsertOrGiveUp("INSERT OR ROLLBACK INTO rows (id, words) VALUES ($1, $2)");
constinit const db::Statement kCount("SELECT count(*) FROM rows");
constinit const db::Statement kEndless("WITH RECURSIVE n(i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");

class WritingCase : public DatabaseCase {
 public:
  WritingCase() { REQUIRE(migrate("rows", kTables)); }
};

/// No file of this process may grow beyond a size: what a full disk looks like to SQLite.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    former_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &former_);
    const rlimit limit{bytes, former_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &former_);
    std::signal(SIGXFSZ, former_handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit former_{};
  void (*former_handler_)(int) = nullptr;
};

TEST_CASE_METHOD(WritingCase, "a full disk refuses writes, keeps reads, fails the health check, and heals") {
  REQUIRE(write(kInsert, db::values(1, "before")));
  {
    const auto log_size = std::filesystem::file_size(static_cast<FileStore&>(store()).path() + "-wal");
    const FullDisk full(log_size);
    auto answers = all_at_once(20, [&](std::size_t i) {
      return database().write(call(), kInsert, db::values(100 + static_cast<int>(i), std::string(20000, 'x')));
    });
    for (const auto& answer : answers) {
      REQUIRE_FALSE(answer);
      CHECK(answer.error().code == Errc::unavailable);
    }
    CHECK(number(kCount) == 1);
    auto sick = run(host(), health().check(call()));
    REQUIRE_FALSE(sick);
    CHECK(sick.error().code == Errc::unavailable);
  }
  CHECK(run(host(), health().check(call())));
  REQUIRE(write(kInsert, db::values(2, "after")));
  reopen();
  CHECK(number(kCount) == 2);
}

TEST_CASE_METHOD(WritingCase, "a job that makes SQLite give up the whole group takes no other with it") {
  REQUIRE(write(kInsert, db::values(0, "taken")));
  constexpr std::size_t kWrites = 120;
  auto answers = all_at_once(kWrites, [&](std::size_t i) {
    const bool gives_up = i % 40 == 20;
    return database().write(call(), gives_up ? kInsertOrGiveUp : kInsert, db::values(gives_up ? 0 : static_cast<int>(i) + 1, "x"));
  });
  std::int64_t kept = 1;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CHECK(bool(answers[i]) == (i % 40 != 20));
    kept += answers[i] ? 1 : 0;
    if (!answers[i]) CHECK(answers[i].error().code == Errc::conflict);
  }
  CHECK(number(kCount) == kept);
}

class ShortQueueStore final : public DatabaseStore {
 public:
  MapSettings settings() override { return file_.settings().with({{"queue_limit", 1}}); }

 private:
  FileStore file_;
};

AsyncResult<> fill_queue(db::Database& database, const Call& call, std::vector<Result<db::Rows>>& answers) {
  // Started on one io thread without giving it back: the writer can take at most a few of them meanwhile.
  for (int i = 0; i < 2000; ++i) {
    start(database.write(call, kInsert, db::values(i, "x")), [&answers](Result<db::Rows> answer) { answers.push_back(std::move(answer)); });
  }
  co_return Done();
}

TEST_CASE("writes beyond the queue's limit are refused as busy, the others are kept") {
  ShortQueueStore store;
  OpenDatabase open(store);
  REQUIRE(open.started());
  const auto call = open.host().call();
  REQUIRE(run(open.host(), open.database().migrate(*call, "rows", kTables)));
  std::vector<Result<db::Rows>> answers;
  REQUIRE(run(open.host(), fill_queue(open.database(), *call, answers)));
  // The queue is in order: when a later write is answered, all earlier ones are. It may be refused itself, so it is tried until it is not.
  for (auto last = run(open.host(), open.database().write(*call, kInsert, db::values(-1, "last"))); !last;
       last = run(open.host(), open.database().write(*call, kInsert, db::values(-1, "last")))) {
    REQUIRE(last.error().code == Errc::busy);
  }
  std::int64_t kept = 1;
  std::int64_t refused = 0;
  REQUIRE(answers.size() == 2000);
  for (const auto& answer : answers) {
    if (answer) {
      ++kept;
    } else {
      ++refused;
      CHECK(answer.error().code == Errc::busy);
    }
  }
  CHECK(refused > 0);
  auto rows = run(open.host(), open.database().read(*call, kCount, db::values()));
  REQUIRE(rows);
  CHECK((*rows)[0].integer(0) == kept);
}

AsyncResult<bool> reads_beside_an_endless_read(db::Database& database, const Call& endless, const Call& call) {
  bool endless_ended = false;
  std::optional<Errc> code;
  start(database.read(endless, kEndless, db::values(1)), [&](Result<db::Rows> answer) {
    endless_ended = true;
    if (!answer) code = answer.error().code;
  });
  auto quick = co_await database.read(call, kCount, db::values());
  const bool answered_first = bool(quick) && !endless_ended;
  while (!endless_ended) {
    auto wait = co_await database.write(call, kInsert, db::values(1, "x"));  // gives the io thread back
    (void)wait;
  }
  co_return answered_first&& code == Errc::timeout;
}

TEST_CASE_METHOD(WritingCase, "an endless read leaves the io thread free and ends at its deadline") {
  const auto endless = host().call(std::chrono::milliseconds(300));
  auto answer = run(host(), reads_beside_an_endless_read(database(), *endless, call()));
  REQUIRE(answer);
  CHECK(*answer);
}

TEST_CASE_METHOD(WritingCase, "after stop every call is refused") {
  FileStore store;
  OpenDatabase open(store);
  REQUIRE(open.started());
  const auto call = open.host().call();
  REQUIRE(open.stop());
  auto written = run(open.host(), open.database().write(*call, kInsert, db::values(1, "x")));
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Errc::unavailable);
  CHECK_FALSE(run(open.host(), open.database().read(*call, kCount, db::values())));
}

}  // namespace
}  // namespace driftstack::testing
