#include "driftstack/testing/memory_object_store.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "driftstack/support/hex.hpp"

namespace driftstack::testing {

namespace {

// FIPS 180-4, section 4.2.2: the fractional parts of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, 64> kRound = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

void absorb(std::array<std::uint32_t, 8>& state, const char* block) {
  std::array<std::uint32_t, 64> w;
  for (std::size_t i = 0; i < 16; ++i) {
    w[i] = 0;
    for (std::size_t b = 0; b < 4; ++b) w[i] = w[i] << 8 | static_cast<unsigned char>(block[4 * i + b]);
  }
  for (std::size_t i = 16; i < 64; ++i) {
    const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const std::uint32_t t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + kRound[i] + w[i];
    const std::uint32_t t2 = (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = std::exchange(g, std::exchange(f, std::exchange(e, d + t1)));
    d = std::exchange(c, std::exchange(b, std::exchange(a, t1 + t2)));
  }
  const std::array<std::uint32_t, 8> add = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < add.size(); ++i) state[i] += add[i];
}

Error misuse(std::string what) { return Error(Errc::misuse, std::move(what)); }

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  std::array<std::uint32_t, 8> state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::string message(bytes);
  message += '\x80';
  while (message.size() % 64 != 56) message += '\0';
  const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  for (int shift = 56; shift >= 0; shift -= 8) message += static_cast<char>(bits >> shift & 0xFF);
  for (std::size_t at = 0; at < message.size(); at += 64) absorb(state, message.data() + at);
  std::string digest;
  for (const std::uint32_t word : state) {
    for (int shift = 24; shift >= 0; shift -= 8) digest += static_cast<char>(word >> shift & 0xFF);
  }
  return hex_encode(digest);
}

std::vector<std::string> MemoryObjectStore::keys() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> keys;
  for (const auto& [key, object] : objects_) keys.push_back(key);
  return keys;
}

bool MemoryObjectStore::damage(std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return false;
  found->second.bytes += '!';
  return true;
}

std::optional<Error> MemoryObjectStore::refused(std::string_view command, const Call& call) const {
  if (call.cancelled()) return Error(Errc::cancelled, "the call was cancelled");
  return trouble ? trouble(command) : std::nullopt;
}

AsyncResult<objects::Info> MemoryObjectStore::put(const Call& call, objects::Put message) {
  if (!objects::is_key(message.key)) co_return misuse("no key");
  if (!objects::is_content_type(message.content_type)) co_return misuse("no content type");
  if (message.bytes.data.size() > objects::kMaxObjectBytes) co_return misuse("too large");
  if (auto error = refused("put", call)) co_return *std::move(error);
  Object object;
  object.info.key = message.key;
  object.info.content_type = std::move(message.content_type);
  object.info.byte_size = static_cast<std::int64_t>(message.bytes.data.size());
  object.info.sha256 = sha256_hex(message.bytes.data);
  object.bytes = std::move(message.bytes.data);
  const std::lock_guard lock(mutex_);
  Object& kept = objects_[message.key];
  kept = std::move(object);
  co_return kept.info;
}

AsyncResult<objects::Got> MemoryObjectStore::get(const Call& call, objects::Get message) {
  if (!objects::is_key(message.key) || message.offset < 0 || message.length.value_or(1) < 1) co_return misuse("no key or no range");
  if (auto error = refused("get", call)) co_return *std::move(error);
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(message.key);
  if (found == objects_.end()) co_return Error(Errc::not_found, "no such object");
  if (sha256_hex(found->second.bytes) != found->second.info.sha256) co_return Error(Errc::internal, "the object is damaged");
  objects::Got got;
  got.info = found->second.info;
  const auto offset = static_cast<std::size_t>(message.offset);
  const auto length = message.length ? static_cast<std::size_t>(*message.length) : std::string::npos;
  if (offset < found->second.bytes.size()) got.bytes.data = found->second.bytes.substr(offset, length);
  co_return std::move(got);
}

AsyncResult<objects::Info> MemoryObjectStore::head(const Call& call, objects::Head message) {
  if (!objects::is_key(message.key)) co_return misuse("no key");
  if (auto error = refused("head", call)) co_return *std::move(error);
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(message.key);
  if (found == objects_.end()) co_return Error(Errc::not_found, "no such object");
  co_return found->second.info;
}

AsyncResult<> MemoryObjectStore::remove(const Call& call, objects::Remove message) {
  if (!objects::is_key(message.key)) co_return misuse("no key");
  if (auto error = refused("remove", call)) co_return *std::move(error);
  const std::lock_guard lock(mutex_);
  objects_.erase(message.key);
  co_return Done();
}

AsyncResult<objects::Listing> MemoryObjectStore::list(const Call& call, objects::List message) {
  if (!objects::is_key_prefix(message.prefix) || message.limit < 1 || message.limit > objects::kMaxListed) co_return misuse("no list");
  if (message.after && !objects::is_key(*message.after)) co_return misuse("no key");
  if (auto error = refused("list", call)) co_return *std::move(error);
  objects::Listing listing;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, object] : objects_) {
    if (!key.starts_with(message.prefix) || (message.after && key <= *message.after)) continue;
    if (listing.objects.size() == static_cast<std::size_t>(message.limit)) {
      listing.has_more = true;
      break;
    }
    objects::Listed listed;
    listed.key = key;
    listed.byte_size = object.info.byte_size;
    listing.objects.push_back(std::move(listed));
  }
  co_return std::move(listing);
}

AsyncResult<objects::Presigned> MemoryObjectStore::presign(const Call& call, objects::Presign message) {
  if (!objects::is_key(message.key) || message.seconds < 1 || message.seconds > objects::kMaxPresignSeconds) co_return misuse("no key");
  if (message.file_name && !objects::is_file_name(*message.file_name)) co_return misuse("no file name");
  if (urls_ == Urls::no) co_return Error(Errc::feature_unavailable, "this store has no URLs");
  if (auto error = refused("presign", call)) co_return *std::move(error);
  objects::Presigned presigned;
  presigned.url = "https://objects.test/" + message.key + "?seconds=" + std::to_string(message.seconds);
  co_return std::move(presigned);
}

}  // namespace driftstack::testing
