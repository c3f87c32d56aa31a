#include <catch2/catch.hpp>

#include <boost/regex.hpp>

#include <unordered_set>

#include "driftstack/support/public_id.hpp"

using SessionId = driftstack::PublicId<"ses">;

TEST_CASE("a public id is its prefix and a lower-case UUID, and nothing else") {
  const std::string text = "ses_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11";
  REQUIRE(SessionId::from_text(text).has_value());
  CHECK(SessionId::from_text(text)->to_text() == text);
  const boost::regex published{std::string(SessionId::kPattern)};
  CHECK(boost::regex_match(text, published));
  for (const std::string bad : {"prof_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11", "3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11",
                                "ses-3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11", "SES_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11",
                                "ses_3F2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11", "ses_", "", "ses_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11 "}) {
    INFO(bad);
    CHECK_FALSE(SessionId::from_text(bad).has_value());
    CHECK_FALSE(boost::regex_match(bad, published));
  }
}

TEST_CASE("ids of two resources are two types with the same UUID inside") {
  const SessionId session = SessionId::random();
  const driftstack::PublicId<"acc"> account(session.uuid());
  CHECK(account.to_text().substr(4) == session.to_text().substr(4));
  CHECK_FALSE(std::is_convertible_v<SessionId, driftstack::PublicId<"acc">>);
  CHECK(driftstack::PublicId<"acc">::kExpected == "an id that starts with acc_");
}

TEST_CASE("random ids differ and hash") {
  std::unordered_set<SessionId> ids;
  for (int i = 0; i < 100; ++i) ids.insert(SessionId::random());
  CHECK(ids.size() == 100);
  CHECK(SessionId().is_nil());
}
