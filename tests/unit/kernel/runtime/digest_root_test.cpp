#include "kernel/runtime/digest_root.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "kernel/runtime/secrets.hpp"
#include "tests/unit/kernel/scratch_folder.hpp"

namespace driftstack::kernel {
namespace {

MasterKey key_of(std::uint8_t fill) {
  std::array<std::uint8_t, MasterKey::kSize> bytes{};
  bytes.fill(fill);
  return MasterKey{std::span<const std::uint8_t, MasterKey::kSize>(bytes)};
}

/// A server's data directory, opened as a start does.
struct Data {
  explicit Data(std::uint8_t first) { REQUIRE(start(first)); }

  Result<std::unique_ptr<EnvelopeSecrets>> start(std::uint8_t active, const std::vector<MasterKey>& older = {}) {
    const auto path = folder.path().string();
    auto keys = open_master_keys(path, key_of(active), older);
    if (!keys) return std::move(keys).error();
    auto root = open_digest_root(path, *keys);
    if (!root) return std::move(root).error();
    if (crash_before_confirming) return Error(Errc::cancelled, "crashed");
    if (auto confirmed = confirm_master_key(path, *keys); !confirmed) return std::move(confirmed).error();
    return std::make_unique<EnvelopeSecrets>(keys->active, keys->older, *root);
  }
  std::string file() const { return (folder.path() / "digest.root").string(); }

  test::ScratchFolder folder;
  bool crash_before_confirming = false;
};

Digest digest(const Result<std::unique_ptr<EnvelopeSecrets>>& secrets) {
  REQUIRE(secrets);
  return (*secrets)->mac("identity.api-key", "ds_live_x");
}

TEST_CASE("A change of the master key leaves every digest as it was, and what was sealed stays readable") {
  Data data(1);
  auto first = data.start(1);
  const Digest before = digest(first);
  const std::string sealed = *(*first)->seal("b", "text");
  auto second = data.start(2, {key_of(1)});
  CHECK(digest(second) == before);
  CHECK(*(*second)->open("b", sealed) == "text");
  // When nothing is sealed by the first key any more, it may go; the digests stay.
  CHECK(digest(data.start(2)) == before);
  CHECK(digest(data.start(3, {key_of(2)})) == before);
}

TEST_CASE("Without a root of their own, digests would follow the master key") {
  CHECK(EnvelopeSecrets(key_of(1)).mac("p", "m") != EnvelopeSecrets(key_of(2)).mac("p", "m"));
}

TEST_CASE("A master key that is neither the one of the data nor its successor is refused") {
  Data data(1);
  CHECK_FALSE(data.start(2));
  CHECK_FALSE(data.start(2, {key_of(3)}));
  REQUIRE(data.start(2, {key_of(1)}));
  CHECK_FALSE(data.start(1));
  CHECK_FALSE(data.start(1, {key_of(3)}));
}

TEST_CASE("Data from before the root had a file keep their digests, also when the key changes at the same start") {
  Data data(1);
  const Digest before = EnvelopeSecrets(key_of(1)).mac("identity.api-key", "ds_live_x");
  std::filesystem::remove(data.file());
  CHECK(digest(data.start(1)) == before);
  std::filesystem::remove(data.file());
  CHECK(digest(data.start(2, {key_of(1)})) == before);
}

TEST_CASE("A crash in the middle of a change is made good by the next start") {
  Data data(1);
  const Digest before = digest(data.start(1));
  data.crash_before_confirming = true;
  CHECK_FALSE(data.start(2, {key_of(1)}));
  data.crash_before_confirming = false;
  CHECK(digest(data.start(2, {key_of(1)})) == before);
  CHECK(digest(data.start(2)) == before);
}

TEST_CASE("A further server agrees on the digests when it is given the same keys") {
  Data first(1);
  REQUIRE(first.start(2, {key_of(1)}));
  test::ScratchFolder empty;
  const std::vector<MasterKey> older{key_of(1)};
  auto keys = open_master_keys(empty.path().string(), key_of(2), older);
  REQUIRE(keys);
  auto root = open_digest_root(empty.path().string(), *keys);
  REQUIRE(root);
  EnvelopeSecrets second(keys->active, keys->older, *root);
  CHECK(second.mac("identity.api-key", "ds_live_x") == digest(first.start(2, older)));
}

TEST_CASE("A root that was changed, or that others may read, is refused") {
  Data data(1);
  std::filesystem::permissions(data.file(), std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  CHECK_FALSE(data.start(1));
  std::filesystem::permissions(data.file(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  REQUIRE(data.start(1));
  std::filesystem::resize_file(data.file(), 40);
  CHECK_FALSE(data.start(1));
}

}  // namespace
}  // namespace driftstack::kernel
