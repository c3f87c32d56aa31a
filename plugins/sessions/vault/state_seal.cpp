#include "vault/state_seal.hpp"

#include <sodium.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "driftstack/support/state_archive.hpp"

namespace driftstack::sessions {
namespace {

constexpr std::string_view kMagic = "DSSEAL1\n";
constexpr std::size_t kHeadBytes = 8 + 8 + 8;
constexpr std::size_t kChunkBytes = std::size_t{128} << 10;
constexpr std::size_t kTagBytes = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr int kLevel = 1;  // saving happens while a customer waits for the end of a session
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
static_assert(StateKey::kSize == crypto_secretstream_xchacha20poly1305_KEYBYTES);
static_assert(StateKey::kSize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

using Compressor = std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)>;
using Decompressor = std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)>;

Error failed(const char* what) { return Error(Errc::internal, what); }
Error not_ours() { return failed("a stored state was changed, cut, or belongs to another place"); }

void need_sodium() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
}

void put_number(std::string& out, std::int64_t number) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
}
std::int64_t take_number(const char* at) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number |= static_cast<std::uint64_t>(static_cast<unsigned char>(at[i])) << (8 * i);
  return static_cast<std::int64_t>(number);
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

Result<> write_all(int output, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(output, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Error(Errc::internal, std::string("a state cannot be written: ") + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return Done();
}

/// As much as there is, up to the size of `out`; less only at the end of the file.
Result<std::size_t> read_some(int input, std::span<char> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = read(input, out.data() + done, out.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error(Errc::internal, std::string("a state cannot be read: ") + std::strerror(errno));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

/// Seals chunk after chunk; what the file's head says is part of every one.
class Sealer {
 public:
  Sealer(const StateKey& key, std::string bound, int output) : bound_(std::move(bound)), output_(output) {
    crypto_secretstream_xchacha20poly1305_init_push(&state_, header_.data(), key.bytes());
  }
  ~Sealer() { sodium_memzero(&state_, sizeof state_); }
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  Result<> begin(std::string_view head) {
    if (auto written = write_all(output_, head); !written) return written;
    return write_all(output_, std::string_view(reinterpret_cast<const char*>(header_.data()), header_.size()));
  }
  Result<> add(std::string_view plain) {
    pending_ += plain;
    while (pending_.size() > kChunkBytes) {  // the last one must wait for finish()
      if (auto pushed = push(std::string_view(pending_).substr(0, kChunkBytes), 0); !pushed) return pushed;
      pending_.erase(0, kChunkBytes);
    }
    return Done();
  }
  Result<> finish() { return push(pending_, crypto_secretstream_xchacha20poly1305_TAG_FINAL); }

 private:
  Result<> push(std::string_view plain, unsigned char tag) {
    std::string sealed(plain.size() + kTagBytes, '\0');
    crypto_secretstream_xchacha20poly1305_push(&state_, reinterpret_cast<unsigned char*>(sealed.data()), nullptr, bytes_of(plain),
                                               plain.size(), bytes_of(bound_), bound_.size(), tag);
    return write_all(output_, sealed);
  }

  crypto_secretstream_xchacha20poly1305_state state_;
  std::array<unsigned char, crypto_secretstream_xchacha20poly1305_HEADERBYTES> header_{};
  std::string bound_;
  int output_;
  std::string pending_;
};

std::string head_of(const SealPlace& place, std::int64_t archive_bytes) {
  std::string head(kMagic);
  put_number(head, place.revision);
  put_number(head, archive_bytes);
  return head;
}

/// Takes compressed bytes and keeps what they unpack to, never more than was announced.
class Unpacker {
 public:
  Unpacker(MemoryFile file, std::int64_t announced)
      : context_(ZSTD_createDCtx(), &ZSTD_freeDCtx), file_(std::move(file)), left_(announced) {}

  Result<> add(std::string_view compressed) {
    ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
    bool more = true;
    while (in.pos < in.size || more) {
      ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
      const std::size_t hint = ZSTD_decompressStream(context_.get(), &out, &in);
      if (ZSTD_isError(hint) || static_cast<std::int64_t>(out.pos) > left_) return not_ours();
      left_ -= static_cast<std::int64_t>(out.pos);
      if (auto added = file_.append(std::string_view(buffer_.data(), out.pos)); !added) return added;
      more = out.pos == out.size;
      if (hint == 0) return in.pos == in.size ? Result<>() : not_ours();
    }
    return Done();
  }
  Result<MemoryFile> finish() {
    if (left_ != 0) return not_ours();
    if (auto sealed = file_.seal(); !sealed) return std::move(sealed).error();
    return std::move(file_);
  }

 private:
  Decompressor context_;
  MemoryFile file_;
  std::int64_t left_;
  std::vector<char> buffer_ = std::vector<char>(kChunkBytes);
};

Result<MemoryFile> unpack_stream(const StateKey& key, const std::string& bound, std::int64_t announced, int input) {
  std::array<char, crypto_secretstream_xchacha20poly1305_HEADERBYTES> header;
  auto got = read_some(input, header);
  if (!got) return std::move(got).error();
  crypto_secretstream_xchacha20poly1305_state state;
  const auto* raw = reinterpret_cast<const unsigned char*>(header.data());
  if (*got != header.size() || crypto_secretstream_xchacha20poly1305_init_pull(&state, raw, key.bytes()) != 0) return not_ours();
  auto file = MemoryFile::create();
  if (!file) return file;
  Unpacker unpacker(std::move(*file), announced);
  std::vector<char> sealed(kChunkBytes + kTagBytes);
  std::string plain(kChunkBytes, '\0');
  unsigned char tag = 0;
  while (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
    got = read_some(input, sealed);
    if (!got) return std::move(got).error();
    unsigned long long size = 0;
    const bool ours =
        *got >= kTagBytes && crypto_secretstream_xchacha20poly1305_pull(&state, reinterpret_cast<unsigned char*>(plain.data()), &size, &tag,
                                                                        reinterpret_cast<const unsigned char*>(sealed.data()), *got,
                                                                        bytes_of(bound), bound.size()) == 0;
    if (!ours) return not_ours();
    if (auto added = unpacker.add(std::string_view(plain).substr(0, size)); !added) return std::move(added).error();
  }
  got = read_some(input, sealed);
  if (!got || *got != 0) return not_ours();  // something stands behind the end
  return unpacker.finish();
}

}  // namespace

StateKey StateKey::random() {
  need_sodium();
  StateKey key;
  randombytes_buf(key.bytes_.data(), key.bytes_.size());
  return key;
}

Result<StateKey> StateKey::from_bytes(std::string_view bytes) {
  if (bytes.size() != kSize) return failed("a stored key has a wrong length");
  StateKey key;
  std::copy(bytes.begin(), bytes.end(), key.bytes_.begin());
  return key;
}

StateKey::StateKey(StateKey&& other) noexcept : bytes_(other.bytes_) { sodium_memzero(other.bytes_.data(), other.bytes_.size()); }
StateKey& StateKey::operator=(StateKey&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}
StateKey::~StateKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

std::string wrap_key(const StateKey& wrapping, const std::string& place, const StateKey& key) {
  need_sodium();
  std::string wrapped(kNonceBytes + StateKey::kSize + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  auto* out = reinterpret_cast<unsigned char*>(wrapped.data());
  randombytes_buf(out, kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + kNonceBytes, nullptr, key.bytes(), StateKey::kSize, bytes_of(place), place.size(),
                                             nullptr, out, wrapping.bytes());
  return wrapped;
}

Result<StateKey> unwrap_key(const StateKey& wrapping, const std::string& place, std::string_view wrapped) {
  need_sodium();
  if (wrapped.size() != kNonceBytes + StateKey::kSize + crypto_aead_xchacha20poly1305_ietf_ABYTES) return not_ours();
  std::array<unsigned char, StateKey::kSize> plain{};
  const bool ours = crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, bytes_of(wrapped) + kNonceBytes,
                                                               wrapped.size() - kNonceBytes, bytes_of(place), place.size(),
                                                               bytes_of(wrapped), wrapping.bytes()) == 0;
  if (!ours) return failed("the key of a state was changed, or belongs to another place");
  auto key = StateKey::from_bytes(std::string_view(reinterpret_cast<const char*>(plain.data()), plain.size()));
  sodium_memzero(plain.data(), plain.size());
  return key;
}

Result<> seal_state(const StateKey& key, const SealPlace& place, const MemoryFile& archive, int output) {
  need_sodium();
  const std::int64_t size = archive.size();
  const std::string head = head_of(place, size);
  Sealer sealer(key, place.place + head, output);
  if (auto begun = sealer.begin(head); !begun) return begun;
  const Compressor context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  if (!context || ZSTD_isError(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel))) return failed("zstd cannot start");
  std::vector<char> plain(kChunkBytes), packed(ZSTD_CStreamOutSize());
  bool done = false;
  for (std::int64_t at = 0; !done;) {
    const std::int64_t got = archive.read_at(at, plain);
    if (got < 0) return failed("a state in memory cannot be read");
    at += got;
    const bool last = at >= size || got == 0;
    ZSTD_inBuffer in{plain.data(), static_cast<std::size_t>(got), 0};
    for (bool all_taken = false; !all_taken;) {
      ZSTD_outBuffer out{packed.data(), packed.size(), 0};
      const std::size_t left = ZSTD_compressStream2(context.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left)) return failed("a state cannot be compressed");
      if (auto added = sealer.add(std::string_view(packed.data(), out.pos)); !added) return added;
      all_taken = last ? left == 0 : in.pos == in.size;
    }
    done = last;
  }
  return sealer.finish();
}

Result<MemoryFile> unseal_state(const StateKey& key, const SealPlace& place, int input) {
  need_sodium();
  std::array<char, kHeadBytes> head;
  auto got = read_some(input, head);
  if (!got) return std::move(got).error();
  const std::string_view text(head.data(), head.size());
  if (*got != head.size() || text.substr(0, kMagic.size()) != kMagic) return not_ours();
  const std::int64_t announced = take_number(&head[kMagic.size() + 8]);
  const bool fits = take_number(&head[kMagic.size()]) == place.revision && announced >= 0 && announced <= kMostStateArchiveBytes;
  if (!fits) return not_ours();
  return unpack_stream(key, place.place + std::string(text), announced, input);
}

}  // namespace driftstack::sessions
