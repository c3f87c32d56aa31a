#include "kernel/runtime/secrets.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "kernel/runtime/key_derivation.hpp"

using namespace driftstack;
using driftstack::kernel::EnvelopeSecrets;
using driftstack::kernel::MasterKey;

namespace {

MasterKey key_of(std::uint8_t fill) {
  std::array<std::uint8_t, MasterKey::kSize> bytes{};
  bytes.fill(fill);
  return MasterKey{std::span<const std::uint8_t, MasterKey::kSize>(bytes)};
}

}  // namespace

TEST_CASE("HKDF gives the output of RFC 5869, test case 3") {
  const std::array<std::uint8_t, 22> input = [] {
    std::array<std::uint8_t, 22> bytes{};
    bytes.fill(0x0b);
    return bytes;
  }();
  const auto derived = kernel::derive_key(input, "");
  const std::uint8_t expected[] = {0x8d, 0xa4, 0xe7, 0x75, 0xa5, 0x63, 0xc1, 0x8f, 0x71, 0x5f, 0x80, 0x2a, 0x06, 0x3c, 0x5a, 0x31};
  CHECK(std::equal(std::begin(expected), std::end(expected), derived.begin()));
}

TEST_CASE("what was sealed opens at its place and nowhere else") {
  EnvelopeSecrets secrets(key_of(1));
  for (const std::string& text : {std::string(), std::string("a"), std::string(100'000, 'x'), std::string("\0\1\2", 3)}) {
    const auto sealed = secrets.seal("proxy/acc_1/3", text);
    REQUIRE(sealed);
    CHECK(sealed->size() == text.size() + EnvelopeSecrets::kOverhead);
    const auto opened = secrets.open("proxy/acc_1/3", *sealed);
    REQUIRE(opened);
    CHECK(*opened == text);
    CHECK_FALSE(secrets.open("proxy/acc_2/3", *sealed));
    CHECK_FALSE(secrets.open("", *sealed));
  }
}

TEST_CASE("the same text never seals to the same bytes") {
  EnvelopeSecrets secrets(key_of(1));
  CHECK(*secrets.seal("b", "text") != *secrets.seal("b", "text"));
}

TEST_CASE("a change of any byte is noticed, and so is a cut") {
  EnvelopeSecrets secrets(key_of(1));
  const std::string sealed = *secrets.seal("binding", "twelve bytes");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    REQUIRE_FALSE(secrets.open("binding", changed));
    REQUIRE_FALSE(secrets.open("binding", sealed.substr(0, i)));
  }
}

TEST_CASE("an older key opens what it sealed, and new envelopes use the active key") {
  EnvelopeSecrets before(key_of(1));
  const std::string old = *before.seal("b", "text");
  const MasterKey older[] = {key_of(1)};
  EnvelopeSecrets after(key_of(2), older);
  REQUIRE(after.open("b", old));
  CHECK(*after.open("b", old) == "text");
  EnvelopeSecrets only_new(key_of(2));
  CHECK_FALSE(only_new.open("b", old));
  CHECK(only_new.open("b", *after.seal("b", "text")));
}

TEST_CASE("a digest depends on key, purpose and message, and on no thread") {
  EnvelopeSecrets secrets(key_of(1)), other(key_of(2));
  const Digest digest = secrets.mac("cursor", "message");
  CHECK(digest == secrets.mac("cursor", "message"));
  CHECK(digest != secrets.mac("cursor", "messagf"));
  CHECK(digest != secrets.mac("key", "message"));
  CHECK(digest != other.mac("cursor", "message"));
  Digest elsewhere{};
  std::thread([&] { elsewhere = secrets.mac("cursor", "message"); }).join();
  CHECK(elsewhere == digest);
  CHECK(EnvelopeSecrets(key_of(1)).mac("cursor", "message") == digest);
}
