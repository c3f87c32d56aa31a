#include "plugins/identity/scrypt.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "driftstack/support/hex.hpp"

namespace driftstack::identity {
namespace {

StoredHash sample() {
  StoredHash hash;
  for (std::size_t i = 0; i < hash.salt.size(); ++i) hash.salt[i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < hash.key.size(); ++i) hash.key[i] = static_cast<std::uint8_t>(0xF0 + i);
  return hash;
}

}  // namespace

TEST_CASE("scrypt at log2 N = 15, r = 8, p = 1 gives what an independent implementation gives") {
  // Python 3.11: hashlib.scrypt(b"correct horse", salt=bytes(range(16)), n=32768, r=8, p=1, dklen=32)
  const auto key = Scrypt().derive("correct horse", sample().salt, ScryptCost());
  REQUIRE(key);
  CHECK(hex_encode(as_text(*key)) == "5c662628ac4eb1068a287e2aa2a202ae248e98db04d61d3327e7342db6ec7097");
}

TEST_CASE("another secret or another salt gives another key") {
  const Scrypt scrypt;
  const auto key = scrypt.derive("a", sample().salt, ScryptCost());
  Salt salt = sample().salt;
  salt[0] ^= 1;
  const auto other_secret = scrypt.derive("b", sample().salt, ScryptCost());
  const auto other_salt = scrypt.derive("a", salt, ScryptCost());
  REQUIRE(key);
  REQUIRE(other_secret);
  REQUIRE(other_salt);
  CHECK(*key != *other_secret);
  CHECK(*key != *other_salt);
}

TEST_CASE("a stored hash reads back what was written") {
  const StoredHash hash = sample();
  CHECK(hash.to_text() == "scrypt$15$8$1$AAECAwQFBgcICQoLDA0ODw$8PHy8_T19vf4-fr7_P3-_wABAgMEBQYHCAkKCwwNDg8");
  const auto read = StoredHash::from_text(hash.to_text());
  REQUIRE(read);
  CHECK(read->cost == hash.cost);
  CHECK(read->salt == hash.salt);
  CHECK(read->key == hash.key);
}

TEST_CASE("a stored hash with a cost out of bounds, missing parts or other bytes is refused") {
  const std::string tail = "$AAECAwQFBgcICQoLDA0ODw$8PHy8_T19vf4-fr7_P3-_wABAgMEBQYHCAkKCwwNDg8";
  REQUIRE(StoredHash::from_text("scrypt$15$8$1" + tail));
  REQUIRE(StoredHash::from_text("scrypt$17$8$4" + tail));
  const std::string wrong[] = {
      "",
      "scrypt",
      "scrypt$14$8$1" + tail,  // too cheap to protect
      "scrypt$18$8$1" + tail,  // too dear to check
      "scrypt$15$16$1" + tail,
      "scrypt$15$8$0" + tail,
      "scrypt$15$8$5" + tail,
      "scrypt$-15$8$1" + tail,
      "scrypt$15 $8$1" + tail,
      "argon2$15$8$1" + tail,
      "scrypt$15$8$1" + tail + "$",
      "scrypt$15$8$1" + tail.substr(0, tail.size() - 4),
      "scrypt$15$8$1$AAECAwQFBgcICQoLDA0OD$8PHy8_T19vf4-fr7_P3-_wABAgMEBQYHCAkKCwwNDg8",
  };
  for (const std::string& text : wrong) {
    CAPTURE(text);
    CHECK_FALSE(StoredHash::from_text(text));
  }
}

TEST_CASE("a cost out of bounds is not computed") {
  ScryptCost cost;
  cost.log_n = ScryptCost::kMaxLogN + 1;
  const auto key = Scrypt().derive("a", sample().salt, cost);
  REQUIRE_FALSE(key);
  CHECK(key.error().code == Errc::internal);
}

}  // namespace driftstack::identity
