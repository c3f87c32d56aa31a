#include <catch2/catch.hpp>

#include <set>
#include <unordered_set>

#include "driftstack/support/random_bytes.hpp"
#include "driftstack/uuid.hpp"

using driftstack::Uuid;

TEST_CASE("a UUID keeps its text") {
  const std::string text = "3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11";
  REQUIRE(Uuid::from_text(text).has_value());
  CHECK(Uuid::from_text(text)->to_text() == text);
  CHECK(Uuid().to_text() == "00000000-0000-0000-0000-000000000000");
  CHECK(Uuid().is_nil());
  CHECK_FALSE(Uuid::from_text(text)->is_nil());
}

TEST_CASE("one id has one spelling") {
  for (const std::string_view text :
       {"", "3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b1", "3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b111", "3F2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11",
        "3g2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11", "3f2b8c1e05d47-4a0b-9c65-1f0e7d2a4b11", "3f2b8c1e5d474a0b9c651f0e7d2a4b11",
        "{f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b1}", "3f2b8c1e-5d47-4a0b-9c6-51f0e7d2a4b11", " f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11"}) {
    INFO(text);
    CHECK_FALSE(Uuid::from_text(text).has_value());
  }
}

TEST_CASE("UUIDs order like their texts") {
  const Uuid a = *Uuid::from_text("00000000-0000-0000-0000-0000000000ff");
  const Uuid b = *Uuid::from_text("00000000-0000-0000-0000-000000000100");
  const Uuid c = *Uuid::from_text("80000000-0000-0000-0000-000000000000");
  CHECK(a < b);
  CHECK(b < c);
  CHECK(a != b);
}

TEST_CASE("random UUIDs are version 4 and differ") {
  std::set<std::string> texts;
  std::unordered_set<Uuid> ids;
  for (int i = 0; i < 1000; ++i) {
    const Uuid id = driftstack::random_uuid();
    const std::string text = id.to_text();
    CHECK(text[14] == '4');
    CHECK(std::string_view("89ab").find(text[19]) != std::string_view::npos);
    texts.insert(text);
    ids.insert(id);
  }
  CHECK(texts.size() == 1000);
  CHECK(ids.size() == 1000);
}

TEST_CASE("making a version 4 UUID keeps the other 122 bits") {
  Uuid::Bytes ones;
  ones.fill(0xFF);
  CHECK(Uuid::from_random_bytes(ones).to_text() == "ffffffff-ffff-4fff-bfff-ffffffffffff");
  CHECK(Uuid::from_random_bytes(Uuid::Bytes{}).to_text() == "00000000-0000-4000-8000-000000000000");
}
