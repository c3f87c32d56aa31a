#include "live_session.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

namespace driftstack::sessions {
namespace {

const Moment kStart{};

Ending ending(EndReason reason) { return Ending(reason, 7, "why"); }

TEST_CASE("of fifty claims at once exactly one finds the session ready") {
  LiveSession session(SessionId::random(), random_uuid(), kStart, std::nullopt);
  REQUIRE(session.become_ready());
  std::atomic<int> won{0}, busy{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i) {
    threads.emplace_back([&] {
      const Status found = session.claim(Operation::interact, kStart);
      if (found == Status::ready) ++won;
      if (found == Status::busy) ++busy;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(won == 1);
  CHECK(busy == 49);
}

TEST_CASE("of many ends at once exactly one counts, and the operation that ran learns which") {
  LiveSession session(SessionId::random(), random_uuid(), kStart, std::nullopt);
  REQUIRE(session.become_ready());
  REQUIRE(session.claim(Operation::wait, kStart) == Status::ready);
  std::atomic<int> won{0};
  std::vector<std::thread> threads;
  for (const EndReason reason : {EndReason::customer, EndReason::driver, EndReason::duration_cap, EndReason::runtime, EndReason::server}) {
    threads.emplace_back([&session, &won, reason] { won += session.end(ending(reason)) ? 1 : 0; });
  }
  for (auto& thread : threads) thread.join();
  CHECK(won == 1);
  CHECK(session.release() == session.ending()->status());
  CHECK(session.operation() == Operation::wait);
}

TEST_CASE("a claim on a session that is being created or has ended takes nothing") {
  LiveSession session(SessionId::random(), random_uuid(), kStart, std::nullopt);
  CHECK(session.claim(Operation::wait, kStart) == Status::creating);
  CHECK(session.status() == Status::creating);
  REQUIRE(session.end(ending(EndReason::customer)));
  CHECK(session.claim(Operation::wait, kStart) == Status::destroyed);
  CHECK_FALSE(session.become_ready());
  CHECK(session.status() == Status::destroyed);
}

TEST_CASE("only customers and the duration cap end a session cleanly") {
  CHECK(ending(EndReason::customer).status() == Status::destroyed);
  CHECK(ending(EndReason::duration_cap).status() == Status::destroyed);
  for (const EndReason reason : {EndReason::driver, EndReason::runtime, EndReason::server})
    CHECK(ending(reason).status() == Status::errored);
}

TEST_CASE("what is due follows the clock: a hung start or operation, the duration cap, an end that nobody carries out") {
  using std::chrono::seconds;
  using Due = LiveSession::Due;
  LiveSession session(SessionId::random(), random_uuid(), kStart + seconds(25), kStart + seconds(100));
  CHECK(session.due(kStart + seconds(24)) == Due::nothing);
  CHECK(session.due(kStart + seconds(25)) == Due::hung);
  REQUIRE(session.become_ready());
  CHECK(session.due(kStart + seconds(99)) == Due::nothing);
  REQUIRE(session.claim(Operation::capture, kStart + seconds(40)) == Status::ready);
  CHECK(session.due(kStart + seconds(39)) == Due::nothing);
  CHECK(session.due(kStart + seconds(40)) == Due::hung);
  CHECK(session.due(kStart + seconds(100)) == Due::expired);
  REQUIRE(session.end(ending(EndReason::driver)));
  CHECK(session.due(kStart) == Due::loose_end);
  session.carrier_came();
  CHECK(session.due(kStart) == Due::nothing);
  session.carrier_left();
  CHECK(session.due(kStart) == Due::loose_end);
}

TEST_CASE("the browser of an ended session is stopped by one caller, and again only if that failed") {
  LiveSession session(SessionId::random(), random_uuid(), kStart, std::nullopt);
  REQUIRE(session.end(ending(EndReason::driver)));
  CHECK(session.take_stop());
  CHECK_FALSE(session.take_stop());
  session.stop_answered(false);
  CHECK(session.take_stop());
  session.stop_answered(true);
  CHECK_FALSE(session.take_stop());
  CHECK_FALSE(session.carried_out());
  session.set_row_final();
  CHECK(session.carried_out());
}

}  // namespace
}  // namespace driftstack::sessions
