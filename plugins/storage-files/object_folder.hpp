#pragma once
// Files below one folder, named by object keys. Every step goes through a directory handle and follows no link.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/result.hpp"

namespace driftstack::storage_files {

/// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  int number() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

/// Blocking; several threads may use one. Errors: not_found, unavailable (the system's own words), misuse. [workers]
class ObjectFolder {
 public:
  /// Opens or makes the folder (0700), and removes what writes of an earlier run left unfinished.
  static Result<ObjectFolder> open(const std::string& path);

  /// Durable when it answers: temporary file, sync, rename, sync of every folder that changed.
  Result<> write(std::string_view key, std::string_view head, std::string_view body) const;
  Result<Descriptor> read(std::string_view key) const;
  /// Ok for a key that is not there.
  Result<> remove(std::string_view key) const;
  /// At most `limit` keys that begin with `prefix` and come behind `after`, sorted by bytes.
  Result<std::vector<std::string>> list(std::string_view prefix, std::string_view after, std::size_t limit) const;

 private:
  ObjectFolder(Descriptor objects, Descriptor unfinished) : objects_(std::move(objects)), unfinished_(std::move(unfinished)) {}

  Descriptor objects_;
  Descriptor unfinished_;
};

}  // namespace driftstack::storage_files
