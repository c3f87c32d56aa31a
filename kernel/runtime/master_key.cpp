#include "kernel/runtime/master_key.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "kernel/runtime/key_derivation.hpp"

namespace driftstack::kernel {
namespace {

constexpr std::string_view kKeyFile = "master.key";
constexpr std::string_view kCheckFile = "master.key.check";
constexpr std::size_t kLongestFile = 4096;  // both files hold one short line

Error file_error(const std::string& path, const std::string& what) { return Error(Errc::internal, path + ": " + what); }
Error system_error(const std::string& path, const char* step) {
  return file_error(path, std::string(step) + " failed: " + std::generic_category().message(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

enum class Privacy { secret, open };

// The text of a small file without its line end; nothing when it does not exist.
Result<std::optional<std::string>> read_file(const std::string& path, Privacy privacy) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) {
    if (errno == ENOENT) return std::optional<std::string>();
    return system_error(path, "opening");
  }
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return system_error(path, "looking at it");
  if (!S_ISREG(facts.st_mode)) return file_error(path, "is not a regular file");
  if (facts.st_uid != ::geteuid() && facts.st_uid != 0)
    return file_error(path, "belongs to another user; it must be the server's or root's");
  if (privacy == Privacy::secret && (facts.st_mode & 0177) != 0) return file_error(path, "may be read by others; run: chmod 0600 " + path);
  std::string text(kLongestFile, '\0');
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return system_error(path, "reading");
  text.resize(static_cast<std::size_t>(size));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return std::optional<std::string>(std::move(text));
}

// Writes a file that did not exist before, so that it is there complete and durable or not at all.
Result<> write_new_file(const std::string& directory, std::string_view name, std::string_view text) {
  const std::string path = directory + "/" + std::string(name), draft = path + ".new";
  ::unlink(draft.c_str());
  const Descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return system_error(draft, "making it");
  const std::string line = std::string(text) + "\n";
  if (::write(file.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) return system_error(draft, "writing");
  if (::fsync(file.get()) != 0) return system_error(draft, "flushing");
  if (::link(draft.c_str(), path.c_str()) != 0) return system_error(path, "making it");  // refuses to replace, unlike rename
  ::unlink(draft.c_str());
  const Descriptor folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return system_error(directory, "flushing");
  return Done();
}

// True when nothing but our own two files and the names that do not count is in the directory.
Result<bool> holds_data(const std::string& directory, std::span<const std::string_view> not_data) {
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(directory.c_str()), &::closedir);
  if (!entries) return system_error(directory, "opening");
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
  auto text = read_file(path, Privacy::secret);
  if (!text) return std::move(text).error();
  if (*text) {
    auto key = MasterKey::from_text(**text);
    OPENSSL_cleanse((*text)->data(), (*text)->size());
    if (!key) return file_error(path, key.error().detail);
    return key;
  }
  if (data)
    return file_error(path, "is missing, and " + directory +
                                " holds data that was sealed with it; restore the file or set [secrets] master_key to the same key");
  auto made = MasterKey::generate();
  if (!made) return made;
  std::string encoded = made->to_base64();
  auto written = write_new_file(directory, kKeyFile, encoded);
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

Result<MasterKey> open_master_key(const std::string& data_directory, const std::optional<MasterKey>& configured,
                                  std::span<const std::string_view> not_data) {
  auto data = holds_data(data_directory, not_data);
  if (!data) return std::move(data).error();
  const std::string check_path = data_directory + "/" + std::string(kCheckFile);
  auto stored = read_file(check_path, Privacy::open);
  if (!stored) return std::move(stored).error();

  auto key = configured ? Result<MasterKey>(*configured) : find_or_make_key(data_directory, *data || *stored);
  if (!key) return key;
  const std::string check = to_hex(derive_key(key->bytes(), "driftstack master key check"));
  if (*stored) {
    if ((*stored)->size() == check.size() && CRYPTO_memcmp((*stored)->data(), check.data(), check.size()) == 0) return key;
    return file_error(check_path, "does not fit the master key: the data was sealed with another key; give the server that key");
  }
  if (*data)
    return file_error(check_path,
                      "is missing beside data, so nothing tells whether the master key is the right one; restore it from a backup");
  auto written = write_new_file(data_directory, kCheckFile, check);
  if (!written) return std::move(written).error();
  return key;
}

}  // namespace driftstack::kernel
