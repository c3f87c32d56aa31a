/// Patterns of text fields: the source text for the published schema beside a hand-written matcher of the same language.
///
/// Purpose: no regular expression runs on a request (a library matcher costs 100 to 300 ns, and one of them overflows the stack on long
/// subjects). Each pattern here is compared with a regular expression library in the tests. Thread: [any-thread]. Allocation: none.
///
///     wire::field<&Create::archetype>("archetype", wire::length(3, 60), wire::matches(kSlugPattern))
#pragma once

#include <string_view>

namespace driftstack {

struct Pattern {
  std::string_view source;    ///< ECMA 262 regular expression, anchored
  std::string_view expected;  ///< follows "must be" in a message
  bool (*matches)(std::string_view) noexcept;
};

/// Archetype ids and setting names: lower-case letters, digits and underscores, at least one.
[[nodiscard]] bool matches_slug(std::string_view text) noexcept;
/// Slugs of accounts and pages: lower-case letters, digits and dashes, a dash neither first nor last.
[[nodiscard]] bool matches_kebab(std::string_view text) noexcept;
/// An address with one `@`, a dotted domain and no white space. Mail delivery decides the rest.
[[nodiscard]] bool matches_email(std::string_view text) noexcept;
/// A URL that starts `http://` or `https://` in any case and holds a host and neither white space nor control characters.
[[nodiscard]] bool matches_http_url(std::string_view text) noexcept;
/// Six ASCII digits: a time-based code (RFC 6238).
[[nodiscard]] bool matches_six_digits(std::string_view text) noexcept;
/// The base64url alphabet without padding, at least one character (PKCE, tokens).
[[nodiscard]] bool matches_base64url(std::string_view text) noexcept;

inline constexpr Pattern kSlugPattern{"^[a-z0-9_]+$", "lower-case letters, digits and underscores", &matches_slug};
inline constexpr Pattern kKebabPattern{"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$", "lower-case letters, digits and inner dashes", &matches_kebab};
inline constexpr Pattern kEmailPattern{R"(^[^\x00-\x20\x7f@]+@[^\x00-\x20\x7f@.]+(?:\.[^\x00-\x20\x7f@.]+)+$)", "an e-mail address",
                                       &matches_email};
inline constexpr Pattern kHttpUrlPattern{R"(^[Hh][Tt][Tt][Pp][Ss]?://[^\x00-\x20\x7f/?#][^\x00-\x20\x7f]*$)",
                                         "an absolute http or https URL", &matches_http_url};
inline constexpr Pattern kSixDigitsPattern{"^[0-9]{6}$", "six digits", &matches_six_digits};
inline constexpr Pattern kBase64UrlPattern{"^[A-Za-z0-9_-]+$", "base64url text without padding", &matches_base64url};

}  // namespace driftstack
