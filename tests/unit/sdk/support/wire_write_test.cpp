// Writing: the spelling on the wire, and that what is written reads back.
#include <catch2/catch.hpp>

#include <limits>

#include "driftstack/testing/wire_complete.hpp"
#include "read_text.hpp"
#include "sample_shapes.hpp"

namespace {

namespace wire = driftstack::wire;

struct Numbers {
  double fraction = 0;
  static constexpr auto shape = wire::object(wire::field<&Numbers::fraction>("fraction"));
};

struct Login {
  std::string username;
  driftstack::SecretText password;
  std::string code;
  static constexpr auto shape = wire::object(wire::field<&Login::username>("username"), wire::field<&Login::password>("password"),
                                             wire::field<&Login::code>("code", wire::secret));
};

struct Forgotten {
  int described = 0, left_out = 0;
  static constexpr auto shape = wire::object(wire::field<&Forgotten::described>("described"));
};

enum class Odd : std::int16_t { minus = -3, big = 300 };
constexpr auto enum_names(Odd) { return std::to_array<std::pair<std::string_view, Odd>>({{"minus", Odd::minus}, {"big", Odd::big}}); }

struct Slash {
  static std::optional<Slash> from_text(std::string_view) { return Slash(); }
  void append_text(std::string& out) const { out += "a\"b\n"; }
  static constexpr std::string_view kFormat = "odd";
};

using driftstack::testing::wire_complete;
static_assert(wire_complete<samples::SessionCreate> && wire_complete<samples::Session> && wire_complete<samples::Extraction>);
static_assert(wire_complete<samples::ProxyUpdate> && wire_complete<samples::Interact> && wire_complete<Login>);
static_assert(!wire_complete<Forgotten>);

samples::Session sample_session() {
  samples::Session s;
  const auto uuid = *driftstack::Uuid::from_text("3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11");
  s.id = samples::SessionId(uuid);
  s.account_id = samples::AccountId(uuid);
  s.archetype = "desktop_chrome";
  s.metadata = *wire::Json::parse(R"({"order": 12})");
  s.created_at = s.updated_at = samples::Timestamp::from_micros(1'778'365'800'000'000);
  return s;
}

}  // namespace

TEST_CASE("a session is written in the order of its shape with nulls kept and unknown keys left out") {
  CHECK(wire::to_text(sample_session()) ==
        R"({"id":"ses_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11","account_id":"acc_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11",)"
        R"("api_key_id":"key_00000000-0000-0000-0000-000000000000","status":"ready","archetype":"desktop_chrome","label":null,)"
        R"("metadata":{"order":12},"egress_capabilities":null,"created_at":"2026-05-09T22:30:00.000Z",)"
        R"("updated_at":"2026-05-09T22:30:00.000Z","last_state_at":null,"destroyed_at":null})");
}

TEST_CASE("what is written reads back to the same text") {
  samples::Session s = sample_session();
  s.label = "käse \"quoted\" \\ \n \x01 \xF0\x9F\x98\x80";
  s.proxy_id.emplace();
  s.egress_capabilities = samples::EgressCapabilities{true, {"a", ""}};
  const std::string text = wire::to_text(s);
  CHECK(samples::round_trip<samples::Session>(text) == text);
}

TEST_CASE("doubles are written as the shortest text that reads back, and as null when not finite") {
  CHECK(wire::to_text(Numbers{0.1}) == R"({"fraction":0.1})");
  CHECK(wire::to_text(Numbers{19.99}) == R"({"fraction":19.99})");
  CHECK(samples::round_trip<Numbers>(R"({"fraction":2.2250738585072014e-308})") == R"({"fraction":2.2250738585072014e-308})");
  CHECK(wire::to_text(Numbers{std::numeric_limits<double>::infinity()}) == R"({"fraction":null})");
  CHECK(wire::to_text(Numbers{std::numeric_limits<double>::quiet_NaN()}) == R"({"fraction":null})");
}

TEST_CASE("secrets are read and never written") {
  Login login;
  wire::Issues issues;
  REQUIRE(wire::read(R"({"username":"a","password":"b","code":"c"})", login, issues) == wire::Outcome::ok);
  CHECK(login.password.equals("b"));
  CHECK(login.code == "c");
  CHECK(wire::to_text(login) == R"({"username":"a"})");
}

TEST_CASE("text from own types is escaped when it needs to be") {
  std::vector<Slash> all(2);
  CHECK(wire::to_text(all) == R"(["a\"b\n","a\"b\n"])");
}

TEST_CASE("text that is no UTF-8 is repaired, so an answer is always valid JSON") {
  const std::string text =
      wire::to_text(std::vector<std::string>{"a\xFF"
                                             "b",
                                             "\xED\xA0\x80", std::string("\0", 1)});
  CHECK(text ==
        "[\"a\xEF\xBF\xBD"
        "b\",\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\",\"\\u0000\"]");
}

TEST_CASE("enumerators and their texts map both ways, negative and wide values included") {
  CHECK(wire::enum_text(samples::Behaviour::power_user) == "power_user");
  CHECK(wire::enum_from_text<samples::Behaviour>("casual") == samples::Behaviour::casual);
  CHECK_FALSE(wire::enum_from_text<samples::Behaviour>("nobody").has_value());
  CHECK(wire::enum_text(static_cast<samples::Behaviour>(9)).empty());
  CHECK(samples::round_trip<std::vector<Odd>>(R"(["minus","big"])") == R"(["minus","big"])");
}

TEST_CASE("a value becomes raw JSON of another shape") { CHECK(wire::to_json(samples::Tap{"a"}).text() == R"({"selector":"a"})"); }
