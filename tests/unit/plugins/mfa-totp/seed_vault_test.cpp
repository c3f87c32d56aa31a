// Seeds at rest. identity.md 1.4, security.md 15.

#include "plugins/mfa-totp/seed_vault.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "driftstack/support/base64.hpp"
#include "driftstack/support/random_bytes.hpp"
#include "driftstack/testing/fake_secrets.hpp"

namespace driftstack::mfa_totp {
namespace {

std::string key_of(char fill) { return base64_encode(std::string(32, fill)); }

}  // namespace

TEST_CASE("a seed comes back from under the operator's key, and from the server's envelope without one") {
  testing::FakeSecrets secrets;
  SeedVault vault(secrets);
  if (GENERATE(true, false)) REQUIRE(vault.add_key(key_of('a')));
  const Uuid account = random_uuid();
  const Seed seed = Seed::random();
  const auto sealed = vault.seal(account, seed);
  REQUIRE(sealed);
  CHECK(vault.knows(sealed->key_id));
  CHECK(base64url_decode(sealed->text)->find(seed.bytes()) == std::string::npos);
  const auto opened = vault.open(account, *sealed);
  REQUIRE(opened);
  CHECK(opened->bytes() == seed.bytes());
  const auto again = vault.seal(account, seed);
  REQUIRE(again);
  CHECK(again->text != sealed->text);
}

TEST_CASE("a seed does not open for another account, changed, or without its key") {
  testing::FakeSecrets secrets;
  SeedVault vault(secrets);
  REQUIRE(vault.add_key(key_of('a')));
  const Uuid account = random_uuid();
  const auto sealed = vault.seal(account, Seed::random());
  REQUIRE(sealed);
  CHECK(base64url_decode(sealed->text)->size() == 12 + kSeedSize + 16);
  CHECK_FALSE(vault.open(random_uuid(), *sealed));
  const std::string bytes = *base64url_decode(sealed->text);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    SealedSeed other = *sealed;
    other.text = base64url_encode(changed);
    CHECK_FALSE(vault.open(account, other));
  }
  SealedSeed cut = *sealed;
  cut.text = base64url_encode(std::string_view(bytes).substr(0, 20));
  CHECK_FALSE(vault.open(account, cut));

  SeedVault stranger(secrets);
  REQUIRE(stranger.add_key(key_of('b')));
  CHECK_FALSE(stranger.knows(sealed->key_id));
  CHECK_FALSE(stranger.open(account, *sealed));
  REQUIRE(stranger.add_key(key_of('a')));  // the older key
  CHECK(stranger.open(account, *sealed));
  CHECK(stranger.seal(account, Seed::random())->key_id != sealed->key_id);
}

TEST_CASE("a key of the wrong form is refused, and not repeated") {
  testing::FakeSecrets secrets;
  SeedVault vault(secrets);
  for (const std::string& text : {std::string(), std::string("secret-passphrase"), base64_encode(std::string(31, 'a')),
                                  base64_encode(std::string(33, 'a')), std::string(64, 'a'), key_of('a') + "\n"}) {
    const auto added = vault.add_key(text);
    REQUIRE_FALSE(added);
    CHECK(added.error().code == Errc::validation_failed);
    CHECK(added.error().detail.find("MFA_ENCRYPTION_KEY") != std::string::npos);
    if (!text.empty()) CHECK(added.error().detail.find(text) == std::string::npos);
  }
  CHECK_FALSE(vault.has_key());
}

}  // namespace driftstack::mfa_totp
