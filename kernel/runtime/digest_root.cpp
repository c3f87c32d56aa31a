#include "kernel/runtime/digest_root.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "driftstack/support/hex.hpp"
#include "kernel/runtime/key_derivation.hpp"
#include "kernel/runtime/key_file.hpp"
#include "kernel/runtime/secrets.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::string_view kFile = "digest.root";
constexpr std::string_view kBinding = "driftstack digest root";

bool sealed_by(const MasterKey& key, std::string_view sealed) {
  const KeyId id = key_id(key);
  return sealed.substr(1).starts_with(std::string_view(reinterpret_cast<const char*>(id.data()), id.size()));
}

Result<> write_root(const std::string& directory, EnvelopeSecrets& secrets, const DigestRoot& root) {
  auto sealed = secrets.seal(kBinding, std::string_view(reinterpret_cast<const char*>(root.bytes().data()), DigestRoot::kSize));
  if (!sealed) return std::move(sealed).error();
  return replace_key_file(directory, kFile, hex_encode(*sealed));
}

}  // namespace

DigestRoot DigestRoot::of(const MasterKey& key) { return DigestRoot(derive_key(key.bytes(), "driftstack mac")); }
DigestRoot::DigestRoot(std::span<const std::uint8_t, kSize> bytes) noexcept { std::copy(bytes.begin(), bytes.end(), bytes_.begin()); }
DigestRoot::~DigestRoot() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Result<DigestRoot> open_digest_root(const std::string& data_directory, const MasterKeys& keys) {
  const std::string path = data_directory + "/" + std::string(kFile);
  EnvelopeSecrets secrets(keys.active, keys.older);
  auto text = read_key_file(path, KeyFilePrivacy::secret);
  if (!text) return std::move(text).error();
  if (!*text) {
    const DigestRoot root = DigestRoot::of(keys.origin);
    if (auto written = write_root(data_directory, secrets, root); !written) return std::move(written).error();
    return root;
  }
  const auto sealed = hex_decode(**text);
  auto opened = sealed ? secrets.open(kBinding, *sealed) : Result<std::string>(Error(Errc::internal, "a sealed text has no known form"));
  if (!opened || opened->size() != DigestRoot::kSize)
    return Error(Errc::internal, path + ": " + (opened ? std::string("has the wrong size") : opened.error().detail) +
                                     "; restore it from a backup, or name the key that sealed it in secrets.older_master_keys");
  const DigestRoot root(
      std::span<const std::uint8_t, DigestRoot::kSize>(reinterpret_cast<const std::uint8_t*>(opened->data()), opened->size()));
  OPENSSL_cleanse(opened->data(), opened->size());
  if (!sealed_by(keys.active, *sealed))
    if (auto written = write_root(data_directory, secrets, root); !written) return std::move(written).error();
  return root;
}

}  // namespace driftstack::kernel
