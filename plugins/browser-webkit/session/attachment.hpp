#pragma once
// A big result on its way to the server: a file without a name whose descriptor travels with the answer.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "outcome.hpp"

namespace driftstack::browser_webkit {

/// Owns one descriptor.
class Attachment {
 public:
  Attachment() = default;
  ~Attachment();
  Attachment(Attachment&& other) noexcept;
  Attachment& operator=(Attachment&& other) noexcept;
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;

  /// Memory that holds these bytes. Nothing when memory is short.
  static std::optional<Attachment> of(std::string_view bytes);
  /// The same with the failure that a command answers.
  static Outcome<Attachment> made_of(std::string_view bytes);
  /// The content of a file, which is removed. Nothing when it cannot be read. A copy in memory, because the server takes nothing else.
  static std::optional<Attachment> take_file(const std::string& path);

  int descriptor() const { return descriptor_; }
  std::int64_t size() const { return size_; }

 private:
  Attachment(int descriptor, std::int64_t size) : descriptor_(descriptor), size_(size) {}
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

}  // namespace driftstack::browser_webkit
