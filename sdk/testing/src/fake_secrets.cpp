#include "driftstack/testing/fake_secrets.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace driftstack::testing {

namespace {

constexpr std::string_view kPrefix = "fake-sealed:";
constexpr std::size_t kNonceSize = 8;
constexpr std::size_t kDigestSize = std::tuple_size_v<Digest>;

// splitmix64 (Steele, Lea, Flood 2014): cheap, and every input bit reaches every output bit.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// The length of each part goes in first, so that ("ab", "c") and ("a", "bc") differ.
Digest digest(std::initializer_list<std::string_view> parts) {
  std::array<std::uint64_t, kDigestSize / sizeof(std::uint64_t)> lanes{1, 2, 3, 4};
  const auto absorb = [&lanes](std::uint64_t word) {
    for (auto& lane : lanes) lane = mix(lane ^ word);
  };
  for (const auto part : parts) {
    absorb(part.size());
    for (const char c : part) absorb(static_cast<unsigned char>(c));
  }
  Digest result;
  std::memcpy(result.data(), lanes.data(), result.size());
  return result;
}

std::string_view view(const Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

std::string cover(std::string_view nonce, std::string_view text) {
  std::string out(text);
  for (std::size_t block = 0; block * kDigestSize < out.size(); ++block) {
    const auto stream = digest({"stream", nonce, std::to_string(block)});
    for (std::size_t i = 0; i < kDigestSize && block * kDigestSize + i < out.size(); ++i) {
      auto& c = out[block * kDigestSize + i];
      c = static_cast<char>(static_cast<unsigned char>(c) ^ stream[i]);
    }
  }
  return out;
}

}  // namespace

Result<std::string> FakeSecrets::seal(std::string_view binding, std::string_view plaintext) noexcept {
  const auto number = mix(next_nonce_.fetch_add(1));
  std::string nonce(kNonceSize, '\0');
  std::memcpy(nonce.data(), &number, kNonceSize);
  std::string sealed(kPrefix);
  sealed += nonce;
  sealed += view(digest({"seal", nonce, binding, plaintext}));
  sealed += cover(nonce, plaintext);
  return sealed;
}

Result<std::string> FakeSecrets::open(std::string_view binding, std::string_view sealed) noexcept {
  Error refused(Errc::internal, "sealed text was changed, moved or sealed under an unknown key");
  if (sealed.size() < kPrefix.size() + kNonceSize + kDigestSize || sealed.substr(0, kPrefix.size()) != kPrefix) return refused;
  sealed.remove_prefix(kPrefix.size());
  const auto nonce = sealed.substr(0, kNonceSize);
  const auto tag = sealed.substr(kNonceSize, kDigestSize);
  auto plaintext = cover(nonce, sealed.substr(kNonceSize + kDigestSize));
  if (view(digest({"seal", nonce, binding, plaintext})) != tag) return refused;
  return plaintext;
}

Digest FakeSecrets::mac(std::string_view purpose, std::string_view message) noexcept { return digest({"mac", purpose, message}); }

}  // namespace driftstack::testing
