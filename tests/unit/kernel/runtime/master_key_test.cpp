#include "kernel/runtime/master_key.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using driftstack::kernel::MasterKey;
using driftstack::kernel::open_master_keys;

namespace {

class Folder {
 public:
  Folder() {
    char pattern[] = "/tmp/driftstack-key-XXXXXX";
    path_ = ::mkdtemp(pattern);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ + "/" + name) << text; }
  std::string key() const { return path_ + "/master.key"; }
  std::string check() const { return path_ + "/master.key.check"; }

 private:
  std::string path_;
};

driftstack::Result<MasterKey> open_key(const std::string& folder, const std::optional<MasterKey>& configured,
                                       std::span<const std::string_view> not_data = {}) {
  auto keys = open_master_keys(folder, configured, {}, not_data);
  if (!keys) return std::move(keys).error();
  return keys->active;
}

std::string base64(const driftstack::Result<MasterKey>& key) { return key ? key->to_base64() : key.error().detail; }

}  // namespace

TEST_CASE("an empty data directory gets a private key, and the next start finds the same one") {
  const Folder folder;
  const auto first = open_key(folder.path(), std::nullopt);
  REQUIRE(first);
  struct stat facts {};
  REQUIRE(::stat(folder.key().c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  folder.write("driftstack.db", "data");
  CHECK(base64(open_key(folder.path(), std::nullopt)) == base64(first));
}

TEST_CASE("a key is never made beside data") {
  const Folder folder;
  REQUIRE(open_key(folder.path(), std::nullopt));
  folder.write("driftstack.db", "data");
  std::filesystem::remove(folder.key());
  const auto lost = open_key(folder.path(), std::nullopt);
  REQUIRE_FALSE(lost);
  CHECK(lost.error().detail.find("master.key: is missing") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.key()));
}

TEST_CASE("a key is never made beside a check value, even when nothing else is left") {
  const Folder folder;
  REQUIRE(open_key(folder.path(), std::nullopt));
  std::filesystem::remove(folder.key());
  CHECK_FALSE(open_key(folder.path(), std::nullopt));
}

TEST_CASE("a wrong key is detected before it can touch data") {
  const Folder folder;
  const auto right = MasterKey::generate(), wrong = MasterKey::generate();
  REQUIRE(open_key(folder.path(), *right));
  folder.write("driftstack.db", "data");
  CHECK(open_key(folder.path(), *right));
  const auto refused = open_key(folder.path(), *wrong);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail.find("sealed with another key") != std::string::npos);
}

TEST_CASE("data without a check value is refused, names that are no data are not") {
  const Folder folder;
  folder.write("server.lock", "");
  const auto key = MasterKey::generate();
  CHECK_FALSE(open_key(folder.path(), *key));
  const std::string_view lock[] = {"server.lock"};
  CHECK(open_key(folder.path(), *key, lock));
}

TEST_CASE("a key file that others may read, a link and a malformed file are refused") {
  const Folder folder;
  REQUIRE(open_key(folder.path(), std::nullopt));
  ::chmod(folder.key().c_str(), 0640);
  CHECK_FALSE(open_key(folder.path(), std::nullopt));
  ::chmod(folder.key().c_str(), 0400);
  CHECK(open_key(folder.path(), std::nullopt));
  std::filesystem::rename(folder.key(), folder.path() + "/elsewhere");
  std::filesystem::create_symlink("elsewhere", folder.key());
  CHECK_FALSE(open_key(folder.path(), std::nullopt));
  std::filesystem::remove(folder.key());
  folder.write("master.key", "short\n");
  ::chmod(folder.key().c_str(), 0600);
  CHECK_FALSE(open_key(folder.path(), std::nullopt));
}

TEST_CASE("a master key is read from base64 and hex of exactly 32 bytes") {
  const std::string hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  const auto key = MasterKey::from_text(hex);
  REQUIRE(key);
  CHECK(key->to_base64() == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
  CHECK(base64(MasterKey::from_text(key->to_base64())) == key->to_base64());
  const std::string one_byte_too_few = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==";
  for (const std::string& text : {std::string(), hex.substr(1), hex + "0", "g" + hex.substr(1), one_byte_too_few,
                                  std::string("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"), std::string(44, '?'), std::string(44, ' ')}) {
    INFO(text);
    const auto bad = MasterKey::from_text(text);
    REQUIRE_FALSE(bad);
    if (!text.empty()) CHECK(bad.error().detail.find(text) == std::string::npos);
  }
}
