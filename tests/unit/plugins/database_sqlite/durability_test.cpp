// What was answered survives kill -9. The writing process is this program again, started with a hidden test.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "file_store.hpp"

namespace driftstack::testing {
namespace {

constexpr db::Migration kTables[] = {{1, "rows", "CREATE TABLE rows (id bigint PRIMARY KEY)"}};
constinit const db::Statement kInsert("INSERT INTO rows (id) VALUES ($1)");
constinit const db::Statement kFind("SELECT count(*) FROM rows WHERE id = $1");
constinit const db::Statement kLargest("SELECT coalesce(max(id), 0) FROM rows");

constexpr const char* kFileVariable = "DRIFTSTACK_TEST_FILE";
constexpr const char* kPipeVariable = "DRIFTSTACK_TEST_PIPE";
constexpr std::int64_t kCallers = 16;

class NamedFileStore final : public DatabaseStore {
 public:
  explicit NamedFileStore(std::string path) : path_(std::move(path)) {}
  MapSettings settings() override { return manifest_defaults(DRIFTSTACK_PLUGIN_MANIFEST).with({{"path", path_}}); }

 private:
  std::string path_;
};

/// Writes for ever; tells the pipe each id after its write was answered.
AsyncResult<> write_and_tell(db::Database& database, const Call& call, std::int64_t id, int pipe) {
  for (;; id += kCallers) {
    auto written = co_await database.write(call, kInsert, db::values(id));
    if (!written) co_return std::move(written).error();
    if (::write(pipe, &id, sizeof id) != static_cast<ssize_t>(sizeof id)) co_return Error(Errc::internal, "the pipe is closed");
  }
}

TEST_CASE("(the process that is killed)", "[.killed]") {
  const char* file = std::getenv(kFileVariable);
  const char* pipe = std::getenv(kPipeVariable);
  REQUIRE(file != nullptr);
  REQUIRE(pipe != nullptr);
  NamedFileStore store(file);
  OpenDatabase open(store);
  REQUIRE(open.started());
  const auto call = open.host().call(std::chrono::hours(1));
  REQUIRE(run(open.host(), open.database().migrate(*call, "rows", kTables)));
  auto rows = run(open.host(), open.database().read(*call, kLargest, db::values()));
  REQUIRE(rows);
  const std::int64_t first = (*rows)[0].integer(0) + 1;
  for (std::int64_t i = 1; i < kCallers; ++i) {
    start(write_and_tell(open.database(), *call, first + i, std::atoi(pipe)), [](Result<>) {});
  }
  (void)run(open.host(), write_and_tell(open.database(), *call, first, std::atoi(pipe)));  // until killed
}

pid_t start_writer(const std::string& file, int pipe) {
  const pid_t child = fork();
  if (child != 0) return child;
  setenv(kFileVariable, file.c_str(), 1);
  setenv(kPipeVariable, std::to_string(pipe).c_str(), 1);
  const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(nothing, STDOUT_FILENO);
  execl("/proc/self/exe", "killed", "[.killed]", nullptr);
  _exit(127);
}

TEST_CASE("no answered write is lost when the process is killed") {
  constexpr int kRounds = 8;
  constexpr std::size_t kAnswersPerRound = 300;
  TemporaryDirectory directory;
  const std::string file = directory.path() + "/killed.sqlite";
  std::vector<std::int64_t> answered;
  for (int round = 0; round < kRounds; ++round) {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = start_writer(file, ends[1]);
    REQUIRE(child > 0);
    close(ends[1]);
    std::size_t told = 0;
    std::int64_t id = 0;
    // A different moment each round: the kill falls before, into and after commits.
    const std::size_t wanted = kAnswersPerRound + static_cast<std::size_t>(round) * 7;
    for (bool killed = false; read(ends[0], &id, sizeof id) == static_cast<ssize_t>(sizeof id); ++told) {
      answered.push_back(id);
      if (killed || told < wanted) continue;
      kill(child, SIGKILL);
      killed = true;  // what is still in the pipe was answered, too
    }
    close(ends[0]);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(told >= wanted);
  }
  NamedFileStore store(file);
  OpenDatabase open(store);
  REQUIRE(open.started());
  const auto call = open.host().call();
  std::size_t lost = 0;
  for (const std::int64_t id : answered) {
    auto rows = run(open.host(), open.database().read(*call, kFind, db::values(id)));
    REQUIRE(rows);
    lost += (*rows)[0].integer(0) == 1 ? 0 : 1;
  }
  CHECK(lost == 0);
}

}  // namespace
}  // namespace driftstack::testing
