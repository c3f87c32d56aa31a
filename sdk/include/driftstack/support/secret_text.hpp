/// Text that must not leak: a password, a token, a key.
///
/// Purpose: wiped when it goes, never printed, compared without telling by its timing where it differs. Copies are asked for by name.
/// A wire text type that is read and never written. Ownership: its own block of memory; a move hands the block over, so nothing stays
/// behind. Thread: one owner. Errors: none.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace driftstack {

/// Overwrites memory in a way that the compiler keeps.
void wipe(void* memory, std::size_t size) noexcept;

/// Compares in a time that depends on the lengths alone.
[[nodiscard]] bool constant_time_equal(std::string_view a, std::string_view b) noexcept;

class SecretText {
 public:
  SecretText() noexcept = default;
  explicit SecretText(std::string_view text);
  /// Takes the text over and wipes the string.
  [[nodiscard]] static SecretText take(std::string& text);

  SecretText(SecretText&& other) noexcept;
  SecretText& operator=(SecretText&& other) noexcept;
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText();

  [[nodiscard]] SecretText clone() const { return SecretText(reveal()); }

  /// The text itself. The name is there to be seen in a review; the view ends with this object.
  [[nodiscard]] std::string_view reveal() const noexcept { return {text_.get(), size_}; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] bool equals(std::string_view other) const noexcept { return constant_time_equal(reveal(), other); }
  [[nodiscard]] bool equals(const SecretText& other) const noexcept { return equals(other.reveal()); }
  friend bool operator==(const SecretText&, const SecretText&) = delete;

  // What makes it a wire text type. `append_text` is never reached: `kSecret` fields are not written.
  static constexpr std::string_view kFormat = "password";
  static constexpr bool kSecret = true;
  [[nodiscard]] static std::optional<SecretText> from_text(std::string_view text) { return SecretText(text); }
  void append_text(std::string& out) const { out += "[secret]"; }

 private:
  void forget() noexcept;
  std::unique_ptr<char[]> text_;
  std::size_t size_ = 0;
};

}  // namespace driftstack
