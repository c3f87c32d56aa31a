#include "kernel/runtime/master_key.hpp"

#include <dirent.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "kernel/runtime/key_derivation.hpp"
#include "kernel/runtime/key_file.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::string_view kKeyFile = "master.key";
constexpr std::string_view kCheckFile = "master.key.check";

// True when nothing but our own two files and the names that do not count is in the directory.
Result<bool> holds_data(const std::string& directory, std::span<const std::string_view> not_data) {
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(directory.c_str()), &::closedir);
  if (!entries) return key_file_error(directory, "opening failed: " + std::generic_category().message(errno));
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || name == "lost+found" || name.starts_with(kKeyFile)) continue;
    if (std::find(not_data.begin(), not_data.end(), name) == not_data.end()) return true;
  }
  return false;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

bool from_hex(std::string_view text, std::span<std::uint8_t> bytes) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

Result<MasterKey> find_or_make_key(const std::string& directory, bool data) {
  const std::string path = directory + "/" + std::string(kKeyFile);
  auto text = read_key_file(path, KeyFilePrivacy::secret);
  if (!text) return std::move(text).error();
  if (*text) {
    auto key = MasterKey::from_text(**text);
    OPENSSL_cleanse((*text)->data(), (*text)->size());
    if (!key) return key_file_error(path, key.error().detail);
    return key;
  }
  if (data)
    return key_file_error(path, "is missing, and " + directory +
                                    " holds data that was sealed with it; restore the file or set [secrets] master_key to the same key");
  auto made = MasterKey::generate();
  if (!made) return made;
  std::string encoded = made->to_base64();
  auto written = make_key_file(directory, kKeyFile, encoded);
  OPENSSL_cleanse(encoded.data(), encoded.size());
  if (!written) return std::move(written).error();
  return made;
}

}  // namespace

MasterKey::MasterKey(std::span<const std::uint8_t, kSize> bytes) noexcept { std::copy(bytes.begin(), bytes.end(), bytes_.begin()); }
MasterKey::~MasterKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Result<MasterKey> MasterKey::from_text(std::string_view text) {
  constexpr std::size_t kBase64Length = 44, kHexLength = 64;
  std::array<std::uint8_t, kSize + 1> bytes{};  // base64 decodes whole groups of three
  bool good = false;
  if (text.size() == kHexLength) {
    good = from_hex(text, std::span(bytes).first<kSize>());
  } else if (text.size() == kBase64Length && text[43] == '=' && text[42] != '=') {
    good = EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()), kBase64Length) == static_cast<int>(kSize + 1);
  }
  if (!good) return Error(Errc::validation_failed, "a master key is 32 bytes in base64 (44 characters) or hex (64 characters)");
  const MasterKey key{std::span<const std::uint8_t, kSize>(bytes.data(), kSize)};
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return key;
}

Result<MasterKey> MasterKey::generate() {
  std::array<std::uint8_t, kSize> bytes{};
  if (RAND_priv_bytes(bytes.data(), kSize) != 1) return Error(Errc::internal, "the system gave no random bytes for a master key");
  const MasterKey key{std::span<const std::uint8_t, kSize>(bytes)};
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return key;
}

std::string MasterKey::to_base64() const {
  std::string text(4 * ((kSize + 2) / 3) + 1, '\0');  // with the terminating zero that OpenSSL writes
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_.data(), kSize);
  text.resize(static_cast<std::size_t>(size));
  return text;
}

namespace {

std::string check_value_of(const MasterKey& key) { return to_hex(derive_key(key.bytes(), "driftstack master key check")); }

bool fits(const MasterKey& key, const std::string& stored) {
  const std::string check = check_value_of(key);
  return stored.size() == check.size() && CRYPTO_memcmp(stored.data(), check.data(), check.size()) == 0;
}

}  // namespace

Result<MasterKeys> open_master_keys(const std::string& data_directory, const std::optional<MasterKey>& configured,
                                    std::span<const MasterKey> older, std::span<const std::string_view> not_data) {
  auto data = holds_data(data_directory, not_data);
  if (!data) return std::move(data).error();
  const std::string check_path = data_directory + "/" + std::string(kCheckFile);
  auto stored = read_key_file(check_path, KeyFilePrivacy::open);
  if (!stored) return std::move(stored).error();

  auto key = configured ? Result<MasterKey>(*configured) : find_or_make_key(data_directory, *data || *stored);
  if (!key) return std::move(key).error();
  MasterKeys keys(*key, older);
  if (!*stored) {
    if (*data)
      return key_file_error(check_path,
                            "is missing beside data, so nothing tells whether the master key is the right one; restore it from a backup");
    if (auto written = make_key_file(data_directory, kCheckFile, check_value_of(*key)); !written) return std::move(written).error();
    // A new server beside others on one database: the oldest key is the one that they began with.
    if (!older.empty()) keys.origin = older.back();
    return keys;
  }
  if (fits(*key, **stored)) return keys;
  const auto before = std::find_if(older.begin(), older.end(), [&](const MasterKey& one) { return fits(one, **stored); });
  if (before == older.end())
    return key_file_error(check_path, "does not fit the master key: the data was sealed with another key; give the server that key");
  keys.origin = *before;
  keys.changed = true;
  return keys;
}

Result<> confirm_master_key(const std::string& data_directory, const MasterKeys& keys) {
  if (!keys.changed) return Done();
  return replace_key_file(data_directory, kCheckFile, check_value_of(keys.active));
}

}  // namespace driftstack::kernel
