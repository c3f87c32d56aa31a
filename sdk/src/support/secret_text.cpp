#include "driftstack/support/secret_text.hpp"

#include <cstring>
#include <utility>

namespace driftstack {

void wipe(void* memory, std::size_t size) noexcept {
  if (size != 0) ::explicit_bzero(memory, size);
}

bool constant_time_equal(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  volatile unsigned char difference = 0;  // volatile: the loop must not end early
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])));
  }
  return difference == 0;
}

SecretText::SecretText(std::string_view text) : text_(text.empty() ? nullptr : std::make_unique<char[]>(text.size())), size_(text.size()) {
  if (size_ != 0) std::memcpy(text_.get(), text.data(), size_);
}

SecretText SecretText::take(std::string& text) {
  SecretText secret(text);
  wipe(text.data(), text.size());
  text.clear();
  return secret;
}

SecretText::SecretText(SecretText&& other) noexcept : text_(std::move(other.text_)), size_(std::exchange(other.size_, 0)) {}

SecretText& SecretText::operator=(SecretText&& other) noexcept {
  if (this == &other) return *this;
  forget();
  text_ = std::move(other.text_);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

SecretText::~SecretText() { forget(); }

void SecretText::forget() noexcept {
  wipe(text_.get(), size_);
  text_.reset();
  size_ = 0;
}

}  // namespace driftstack
