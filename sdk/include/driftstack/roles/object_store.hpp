#pragma once
// Role ObjectStore: bytes under names, kept until they are removed. Every call is one message that can be written as text.
//
// Objects are whole: they are put in one message of at most `kMaxObjectBytes` and read whole or in ranges, so that neither side holds an
// open upload across a crash. How a big one travels to the store (parts, chunks) is the business of the plugin.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/abi.hpp"
#include "driftstack/call.hpp"
#include "driftstack/result.hpp"
#include "driftstack/support/wire.hpp"
#include "driftstack/task.hpp"

namespace driftstack {
inline namespace v1 {
namespace objects {

/// Largest object: what an answer of a browser may hold, with room.
inline constexpr std::size_t kMaxObjectBytes = std::size_t{256} << 20;
inline constexpr std::size_t kMaxKeyBytes = 512;  // S3 allows 1024; the rest is for an operator's prefix
inline constexpr std::int32_t kMaxListed = 1000;  // ListObjectsV2 answers no more
/// Signature Version 4 allows seven days.
inline constexpr std::int64_t kMaxPresignSeconds = 604800;

/// A key is made by a plugin, never taken from a customer: segments of `a-z 0-9 _ - .`, separated by single slashes, none starting with a
/// dot. So it is a safe path, a safe URL and the same name on every store.
[[nodiscard]] constexpr bool is_key(std::string_view key) noexcept {
  if (key.empty() || key.size() > kMaxKeyBytes || key.back() == '/') return false;
  bool at_start = true;
  for (const char c : key) {
    if (at_start && (c == '.' || c == '/')) return false;
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    if (!plain && c != '/') return false;
    at_start = c == '/';
  }
  return true;
}

/// The start of a key: empty (everything), or what begins a key, a final slash included.
[[nodiscard]] constexpr bool is_key_prefix(std::string_view prefix) noexcept {
  return prefix.empty() || is_key(prefix.back() == '/' ? prefix.substr(0, prefix.size() - 1) : prefix);
}

/// What a store knows of an object.
struct Info {
  std::string key;
  std::string content_type;
  std::int64_t byte_size = 0;
  std::string sha256;  ///< of the bytes, 64 lower-case hexadecimal digits
  static constexpr auto shape = wire::object(wire::field<&Info::key>("key"), wire::field<&Info::content_type>("content_type"),
                                             wire::field<&Info::byte_size>("byte_size"), wire::field<&Info::sha256>("sha256"));
};

struct Put {
  std::string key;
  std::string content_type;  ///< `image/png`; printable ASCII, 1 to 128 characters
  wire::Bytes bytes;
  static constexpr auto shape =
      wire::object(wire::field<&Put::key>("key"), wire::field<&Put::content_type>("content_type", wire::length(1, 128)),
                   wire::field<&Put::bytes>("bytes", wire::max_length(kMaxObjectBytes)));
};

struct Get {
  std::string key;
  std::int64_t offset = 0;             ///< first byte
  std::optional<std::int64_t> length;  ///< at most so many bytes; absent: to the end
  static constexpr auto shape =
      wire::object(wire::field<&Get::key>("key"), wire::field<&Get::offset>("offset", wire::defaulted, wire::min(0)),
                   wire::field<&Get::length>("length", wire::min(1)));
};
struct Got {
  Info info;          ///< of the whole object, whatever range was read
  wire::Bytes bytes;  ///< fewer than asked for at the end of the object, none behind it
  static constexpr auto shape = wire::object(wire::field<&Got::info>("info"), wire::field<&Got::bytes>("bytes"));
};

struct Head {
  std::string key;
  static constexpr auto shape = wire::object(wire::field<&Head::key>("key"));
};

struct Remove {
  std::string key;
  static constexpr auto shape = wire::object(wire::field<&Remove::key>("key"));
};

struct List {
  std::string prefix;                ///< is_key_prefix
  std::optional<std::string> after;  ///< only keys behind this one
  std::int32_t limit = kMaxListed;   ///< 1 to kMaxListed
  static constexpr auto shape = wire::object(wire::field<&List::prefix>("prefix"), wire::field<&List::after>("after"),
                                             wire::field<&List::limit>("limit", wire::defaulted, wire::min(1), wire::max(kMaxListed)));
};
struct Listed {
  std::string key;
  std::int64_t byte_size = 0;
  static constexpr auto shape = wire::object(wire::field<&Listed::key>("key"), wire::field<&Listed::byte_size>("byte_size"));
};
struct Listing {
  std::vector<Listed> objects;  ///< by key, in the order of bytes
  bool has_more = false;        ///< go on with `after` = the last key
  static constexpr auto shape = wire::object(wire::field<&Listing::objects>("objects"), wire::field<&Listing::has_more>("has_more"));
};

struct Presign {
  std::string key;
  std::int64_t seconds = 3600;           ///< 1 to kMaxPresignSeconds
  std::optional<std::string> file_name;  ///< the browser saves it under this name: letters, digits, `_`, `-` and `.`
  static constexpr auto shape =
      wire::object(wire::field<&Presign::key>("key"),
                   wire::field<&Presign::seconds>("seconds", wire::defaulted, wire::min(1), wire::max(kMaxPresignSeconds)),
                   wire::field<&Presign::file_name>("file_name", wire::length(1, 128)));
};
struct Presigned {
  std::string url;  ///< a secret: whoever has it reads the object
  static constexpr auto shape = wire::object(wire::field<&Presigned::url>("url"));
};

/// Implemented by `storage-files` and `storage-s3`. All calls [io-thread]; they resume their caller on the thread that it came from.
///
/// Errors of every call:
/// - Errc::misuse: a key, prefix, content type, size or bound that the message does not allow; nothing was done.
/// - Errc::not_found: no such object (get, head).
/// - Errc::unavailable: the store cannot be reached, refuses or is full; what was there is as it was. Safe to try again.
/// - Errc::timeout, Errc::cancelled: by the Call.
/// - Errc::internal: the stored bytes are not those that were put (get, head).
class Store {
 public:
  static constexpr InterfaceId kId{"object.store", 1};

  /// Keeps the bytes, encrypted at rest; an object of that key is replaced at once and whole. When it answers, the object is durable.
  virtual AsyncResult<Info> put(const Call& call, Put message) = 0;
  /// A whole object is checked against its digest; a range is not where the store cannot.
  virtual AsyncResult<Got> get(const Call& call, Get message) = 0;
  virtual AsyncResult<Info> head(const Call& call, Head message) = 0;
  /// Ok for a key that is not there.
  virtual AsyncResult<> remove(const Call& call, Remove message) = 0;
  virtual AsyncResult<Listing> list(const Call& call, List message) = 0;
  /// Whether presign works at all. Constant after start(). [any-thread]
  virtual bool can_presign() const noexcept = 0;
  /// A URL that anybody can read for a time, without credentials; the object need not exist. Errc::feature_unavailable when this store has
  /// no URLs.
  virtual AsyncResult<Presigned> presign(const Call& call, Presign message) = 0;

 protected:
  ~Store() = default;
};

/// The name of a file that a URL may suggest.
[[nodiscard]] constexpr bool is_file_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 128 && name.front() != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

/// A media type that is safe as the value of a header.
[[nodiscard]] constexpr bool is_content_type(std::string_view type) noexcept {
  return !type.empty() && type.size() <= 128 && std::all_of(type.begin(), type.end(), [](char c) { return c >= 0x20 && c < 0x7F; }) &&
         type.front() != ' ' && type.back() != ' ';
}

}  // namespace objects
}  // namespace v1
}  // namespace driftstack
