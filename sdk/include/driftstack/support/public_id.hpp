/// Public ids: a prefix, an underscore and a lower-case UUID, each resource with a type of its own.
///
/// Purpose: a session id cannot be passed for a profile id, and a malformed id never gets past the edge. A wire text type.
/// Thread: [any-thread]. Errors: `from_text` answers nothing for another prefix, upper case or a bare UUID.
///
///     using SessionId = PublicId<"ses">;
///     SessionId id = SessionId::random();                      // ses_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11
///     std::optional<SessionId> given = SessionId::from_text(request.path_parameter("id"));
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "driftstack/support/random_bytes.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack {

/// Text as a template argument.
template <std::size_t N>
struct FixedText {
  char text[N]{};
  consteval FixedText(const char (&from)[N]) {  // NOLINT(google-explicit-constructor): written as a plain literal
    for (std::size_t i = 0; i < N; ++i) text[i] = from[i];
  }
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, N - 1}; }
};

namespace public_id_detail {  // not `detail`: the SDK has one in its inline namespace

/// Texts joined while compiling.
template <std::size_t N>
struct JoinedText {
  std::array<char, N> text{};
  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text.data(), N}; }
};
template <std::size_t N>
constexpr JoinedText<N> joined(std::string_view before, std::string_view prefix, std::string_view after) {
  JoinedText<N> all;
  std::size_t at = 0;
  for (const std::string_view part : {before, prefix, after}) {
    for (const char letter : part) all.text[at++] = letter;
  }
  return all;
}

inline constexpr std::string_view kIdExpected = "an id that starts with ";
inline constexpr std::string_view kIdPatternEnd = "_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

}  // namespace public_id_detail

template <FixedText Prefix>
class PublicId {
 public:
  static constexpr std::string_view kPrefix = Prefix.view();
  static constexpr std::size_t kTextLength = kPrefix.size() + 1 + Uuid::kTextLength;

  /// The nil id; stands for "none".
  constexpr PublicId() noexcept = default;
  constexpr explicit PublicId(const Uuid& uuid) noexcept : uuid_(uuid) {}

  [[nodiscard]] static PublicId random() noexcept { return PublicId(random_uuid()); }

  [[nodiscard]] static constexpr std::optional<PublicId> from_text(std::string_view text) noexcept {
    if (text.size() != kTextLength || !text.starts_with(kPrefix) || text[kPrefix.size()] != '_') return std::nullopt;
    const std::optional<Uuid> uuid = Uuid::from_text(text.substr(kPrefix.size() + 1));
    if (!uuid) return std::nullopt;
    return PublicId(*uuid);
  }

  void append_text(std::string& out) const {
    out += kPrefix;
    out += '_';
    const std::size_t before = out.size();
    out.resize(before + Uuid::kTextLength);
    uuid_.to_text(out.data() + before);
  }
  [[nodiscard]] std::string to_text() const {
    std::string text;
    append_text(text);
    return text;
  }

  [[nodiscard]] constexpr const Uuid& uuid() const noexcept { return uuid_; }
  [[nodiscard]] constexpr bool is_nil() const noexcept { return uuid_.is_nil(); }

  friend constexpr auto operator<=>(const PublicId&, const PublicId&) noexcept = default;
  friend constexpr bool operator==(const PublicId&, const PublicId&) noexcept = default;

 private:
  static constexpr auto kPatternText =
      public_id_detail::joined<1 + kPrefix.size() + public_id_detail::kIdPatternEnd.size()>("^", kPrefix, public_id_detail::kIdPatternEnd);
  static constexpr auto kExpectedText =
      public_id_detail::joined<public_id_detail::kIdExpected.size() + kPrefix.size() + 1>(public_id_detail::kIdExpected, kPrefix, "_");

  Uuid uuid_;

 public:
  // What makes it a wire text type.
  static constexpr std::string_view kFormat = "public-id";
  static constexpr std::string_view kPattern = kPatternText.view();
  static constexpr std::string_view kExpected = kExpectedText.view();
};

}  // namespace driftstack

template <driftstack::FixedText Prefix>
struct std::hash<driftstack::PublicId<Prefix>> {
  std::size_t operator()(const driftstack::PublicId<Prefix>& id) const noexcept { return std::hash<driftstack::Uuid>()(id.uuid()); }
};
