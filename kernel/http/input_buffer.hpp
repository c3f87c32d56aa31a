#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace driftstack::kernel {

/// Bytes that were received and not used yet. Views into `unread()` hold until room() or consume() is called.
class InputBuffer {
 public:
  static constexpr std::size_t kSmallest = 4096;  // holds the head of nearly every request; all that an idle connection keeps

  std::string_view unread() const noexcept { return {bytes_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t size) noexcept {
    begin_ += size;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  /// At least one byte of room behind the unread ones; moves or enlarges the buffer when there is none.
  std::span<char> room() {
    if (end_ == capacity_) make_room();
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void received(std::size_t size) noexcept { end_ += size; }
  /// Puts other bytes in the place of the unread ones.
  void replace(std::string_view text) {
    begin_ = end_ = 0;
    while (capacity_ < text.size()) make_room();
    std::memmove(bytes_.get(), text.data(), text.size());
    end_ = text.size();
  }
  /// Gives a large buffer back when nothing is in it.
  void shrink() noexcept {
    if (end_ == begin_ && capacity_ > kSmallest) {
      bytes_.reset();
      capacity_ = begin_ = end_ = 0;
    }
  }

 private:
  void make_room() {
    if (begin_ > 0) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
      return;
    }
    const std::size_t larger = capacity_ == 0 ? kSmallest : 2 * capacity_;
    auto bytes = std::make_unique_for_overwrite<char[]>(larger);
    if (end_ > 0) std::memcpy(bytes.get(), bytes_.get(), end_);
    bytes_ = std::move(bytes);
    capacity_ = larger;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace driftstack::kernel
