#include "kernel/runtime/redactor.hpp"

#include <array>
#include <cstddef>

namespace driftstack::kernel {
namespace {

// Names that are secret as a whole.
constexpr std::array<std::string_view, 22> kSecretNames = {"authorization", "proxy_authorization",
                                                           "cookie",        "set_cookie",
                                                           "password",      "passwd",
                                                           "passphrase",    "secret",
                                                           "token",         "ticket",
                                                           "api_key",       "apikey",
                                                           "mfa_code",      "otp",
                                                           "recovery_code", "code_verifier",
                                                           "seed",          "private_key",
                                                           "dsn",           "otpauth_uri",
                                                           "master_key",    "credential"};
// Endings that make any name secret: access_token, client_secret, new_password, signing_key ...
constexpr std::array<std::string_view, 9> kSecretEndings = {"_token",       "_secret",     "_password", "_ticket",     "_api_key",
                                                            "_private_key", "_passphrase", "_seed",     "_signing_key"};
// Prefixes of our own credentials and of those that operators keep in our settings.
constexpr std::array<std::string_view, 11> kTokenPrefixes = {"ds_live_", "ds_test_", "oat_",     "oas_", "whsec_", "sk_live_",
                                                             "sk_test_", "rk_live_", "rk_test_", "ort_", "oac_"};
constexpr std::size_t kLongestName = 32;  // longer words are not names

constexpr bool is_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}
constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
constexpr char folded(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c + 32);
  return c == '-' ? '_' : c;
}

// True when the secret may go on with this character. `wide` is a header's value: it may hold blanks and separators.
constexpr bool in_value(char c, bool wide) noexcept {
  if (static_cast<unsigned char>(c) < 0x20 || c == '"') return false;
  if (wide) return true;
  return c != ' ' && c != '&' && c != ',' && c != ';' && c != '}' && c != ']' && c != ')' && c != '\'' && c != '#' && c != '<' && c != '>';
}

struct Word {
  std::array<char, kLongestName> text;
  std::size_t size = 0;
  std::string_view view() const noexcept { return {text.data(), size}; }
};

bool fold(std::string_view name, Word& word) noexcept {
  if (name.size() > kLongestName) return false;
  for (const char c : name) word.text[word.size++] = folded(c);
  return true;
}

bool is_secret(std::string_view folded_name) noexcept {
  for (const auto name : kSecretNames)
    if (folded_name == name) return true;
  for (const auto ending : kSecretEndings)
    if (folded_name.ends_with(ending)) return true;
  return false;
}

// Walks over one text and copies it piece by piece.
class Pass {
 public:
  Pass(std::string& out, std::string_view text) noexcept : out_(out), text_(text) {}

  void run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_word(c))
        word();
      else if (c == '@')
        user_info();
      else
        ++at_;
    }
    copy_to(text_.size());
  }

 private:
  void copy_to(std::size_t end) {
    if (end > copied_) out_.append(text_.substr(copied_, end - copied_));
    copied_ = end;
  }
  void hide(std::size_t from, std::size_t to) {
    copy_to(from);
    out_.append(kRedacted);
    copied_ = at_ = to;
  }
  std::size_t value_end(std::size_t from, bool wide) const noexcept {
    while (from < text_.size() && in_value(text_[from], wide)) ++from;
    return from;
  }

  void word() {
    const std::size_t begin = at_;
    std::size_t end = at_;
    bool underscore = false;
    while (end < text_.size() && is_word(text_[end])) underscore = (text_[end++] == '_') || underscore;
    at_ = end;
    const std::string_view word = text_.substr(begin, end - begin);
    if (underscore && own_token(begin, word)) return;
    Word name;
    if (end == text_.size() || !fold(word, name)) return;
    if (is_blank(text_[end]) && (name.view() == "bearer" || name.view() == "basic")) {
      scheme(end);
      return;
    }
    named(end, name.view());
  }

  // Credentials are known by their prefix wherever they stand, also in the middle of a word ("%3Dds_live_...").
  bool own_token(std::size_t begin, std::string_view word) {
    for (const auto prefix : kTokenPrefixes) {
      const auto found = word.find(prefix);
      if (found == std::string_view::npos || found + prefix.size() == word.size()) continue;
      hide(begin + found + prefix.size(), value_end(begin + found, false));
      return true;
    }
    return false;
  }

  void scheme(std::size_t end) {
    while (end < text_.size() && is_blank(text_[end])) ++end;
    const std::size_t stop = value_end(end, false);
    if (stop > end) hide(end, stop);
  }

  // `name: value`, `name=value`, `"name":"value"`, `name%3Dvalue`.
  void named(std::size_t end, std::string_view name) {
    std::size_t at = end;
    if (text_[at] == '"' || text_[at] == '\'') ++at;
    while (at < text_.size() && is_blank(text_[at])) ++at;
    if (at >= text_.size()) return;
    const bool encoded = text_.substr(at, 3) == "%3D" || text_.substr(at, 3) == "%3d";
    const bool colon = text_[at] == ':';
    if (!encoded && !colon && text_[at] != '=') return;
    // `code` is an ordinary word elsewhere; in a query it is an authorisation code.
    if (!is_secret(name) && (colon || name != "code")) return;
    at += encoded ? 3 : 1;
    while (at < text_.size() && is_blank(text_[at])) ++at;
    const bool quoted = at < text_.size() && text_[at] == '"';
    if (quoted) ++at;
    // A header or a quoted text may hold blanks; anything else ends at the first separator.
    const bool header = colon && (name.ends_with("authorization") || name.ends_with("cookie"));
    const std::size_t stop = quoted ? quoted_end(at) : value_end(at, header);
    if (stop > at) hide(at, stop);
  }

  std::size_t quoted_end(std::size_t at) const noexcept {
    while (at < text_.size() && text_[at] != '"') at += text_[at] == '\\' ? 2 : 1;
    return at < text_.size() ? at : text_.size();
  }

  // scheme://user:password@host
  void user_info() {
    const std::size_t slashes = text_.rfind("//", at_);
    if (slashes != std::string_view::npos && slashes + 2 >= copied_) {
      const std::string_view between = text_.substr(slashes + 2, at_ - slashes - 2);
      if (!between.empty() && between.find_first_of("/ \t\"") == std::string_view::npos) {
        hide(slashes + 2, at_);
        return;
      }
    }
    ++at_;
  }

  std::string& out_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;
};

}  // namespace

bool is_secret_name(std::string_view name) noexcept {
  Word word;
  return fold(name, word) && is_secret(word.view());
}

void append_redacted(std::string& out, std::string_view text) { Pass(out, text).run(); }

}  // namespace driftstack::kernel
