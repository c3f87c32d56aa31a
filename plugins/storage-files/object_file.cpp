#include "object_file.hpp"

#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include "driftstack/support/hex.hpp"

namespace driftstack::storage_files {
namespace {

constexpr std::string_view kMagic = "driftstack-object 1 ";
constexpr std::size_t kLineSize = 64;              // the first line, padded: magic and three numbers fit
constexpr std::int64_t kMaxInfoBytes = 64 * 1024;  // a key and a content type, sealed
constexpr std::int64_t kMaxSealedBytes = std::int64_t{objects::kMaxObjectBytes} + 1024;  // no envelope adds more

struct Sizes {
  std::int64_t bytes = 0, info = 0, body = 0;
};

Error damaged() { return Error(Errc::internal, "storage-files: the file of an object is damaged"); }

Result<std::string> sha256_hex(std::string_view bytes) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha256(), nullptr) != 1) {
    return Error(Errc::internal, "storage-files: SHA-256 is not available");
  }
  digest.resize(size);
  return hex_encode(digest);
}

std::string info_binding(std::string_view key) { return "storage-files info " + std::string(key); }
std::string body_binding(std::string_view key, const std::string& sha256) {
  return "storage-files body " + sha256 + " " + std::string(key);
}

Result<std::string> read_at(const Descriptor& file, std::size_t size, std::int64_t offset) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::pread(file.number(), bytes.data() + done, size - done, static_cast<off_t>(offset) + static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Error(Errc::unavailable, "storage-files: a file could not be read");
    if (count == 0) return damaged();
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

Result<Sizes> read_sizes(const Descriptor& file) {
  auto line = read_at(file, kLineSize, 0);
  if (!line) return std::move(line).error();
  if (!line->starts_with(kMagic)) return damaged();
  Sizes sizes;
  const char* at = line->data() + kMagic.size();
  const char* const end = line->data() + line->size();
  for (std::int64_t* number : {&sizes.bytes, &sizes.info, &sizes.body}) {
    const auto [next, error] = std::from_chars(at, end, *number);
    if (error != std::errc() || next == end || *number < 0) return damaged();
    at = next + 1;
  }
  if (sizes.info > kMaxInfoBytes || sizes.body > kMaxSealedBytes) return damaged();
  return sizes;
}

std::string line_of(const Sizes& sizes) {
  std::string line(kMagic);
  for (const std::int64_t number : {sizes.bytes, sizes.info, sizes.body}) line += std::to_string(number) + " ";
  line.resize(kLineSize - 1, ' ');
  return line += '\n';
}

}  // namespace

Result<ObjectCodec::Sealed> ObjectCodec::seal(objects::Info& info, std::string_view bytes) const {
  auto digest = sha256_hex(bytes);
  if (!digest) return std::move(digest).error();
  info.sha256 = *std::move(digest);
  info.byte_size = static_cast<std::int64_t>(bytes.size());
  auto sealed_info = secrets_.seal(info_binding(info.key), wire::to_text(info));
  if (!sealed_info) return std::move(sealed_info).error();
  auto body = secrets_.seal(body_binding(info.key, info.sha256), bytes);
  if (!body) return std::move(body).error();
  const Sizes sizes{info.byte_size, static_cast<std::int64_t>(sealed_info->size()), static_cast<std::int64_t>(body->size())};
  Sealed sealed;
  sealed.head = line_of(sizes) + *sealed_info;
  sealed.body = *std::move(body);
  return sealed;
}

Result<objects::Info> ObjectCodec::open_info(const Descriptor& file, std::string_view key) const {
  auto sizes = read_sizes(file);
  if (!sizes) return std::move(sizes).error();
  auto sealed = read_at(file, static_cast<std::size_t>(sizes->info), kLineSize);
  if (!sealed) return std::move(sealed).error();
  auto text = secrets_.open(info_binding(key), *sealed);
  if (!text) return damaged();
  objects::Info info;
  wire::Issues issues;
  if (wire::read(*text, info, issues) != wire::Outcome::ok || info.key != key || info.byte_size != sizes->bytes) return damaged();
  return info;
}

Result<objects::Got> ObjectCodec::open_object(const Descriptor& file, std::string_view key) const {
  auto info = open_info(file, key);
  if (!info) return std::move(info).error();
  auto sizes = read_sizes(file);
  if (!sizes) return std::move(sizes).error();
  auto sealed = read_at(file, static_cast<std::size_t>(sizes->body), static_cast<std::int64_t>(kLineSize) + sizes->info);
  if (!sealed) return std::move(sealed).error();
  auto bytes = secrets_.open(body_binding(key, info->sha256), *sealed);
  if (!bytes || static_cast<std::int64_t>(bytes->size()) != info->byte_size) return damaged();
  objects::Got got;
  got.info = *std::move(info);
  got.bytes.data = *std::move(bytes);
  return got;
}

Result<std::int64_t> ObjectCodec::claimed_size(const Descriptor& file) {
  auto sizes = read_sizes(file);
  if (!sizes) return std::move(sizes).error();
  return sizes->bytes;
}

}  // namespace driftstack::storage_files
