/// JSON without a document tree: strict raw values, a small reader for them, and the one string escaper.
///
/// Purpose: metadata and other values that we keep but do not understand, and bodies too irregular for a described shape.
/// Strict means: no duplicate keys, no U+0000, valid UTF-8 without lone surrogates, depth and size bounded (the limits below).
/// Ownership: `Json` owns its text, `JsonView` views another's. Thread: values, [any-thread]. Errors: `parse` answers nothing.
///
///     auto body = wire::Json::parse(text);
///     if (!body || !body->is_object()) return bad_request();
///     auto id = body->view().find("payment_id");       // O(length); each look-up walks the text
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace driftstack::wire {

inline constexpr std::size_t kMaxJsonDepth = 64;         // nesting of lists and objects; the wire specification
inline constexpr std::size_t kMaxJsonTokens = 100'000;   // keys and values of one document
inline constexpr std::size_t kMaxJsonNumberLength = 64;  // characters of one number

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };

struct JsonMember;

/// A view of one value inside valid compact JSON text. Copy it freely; it is two words.
class JsonView {
 public:
  JsonView() noexcept = default;
  /// `compact` must be the text of one value from a `Json`; nothing is checked here.
  explicit JsonView(std::string_view compact) noexcept : text_(compact) {}

  [[nodiscard]] JsonKind kind() const noexcept;
  [[nodiscard]] bool is_null() const noexcept { return kind() == JsonKind::null; }
  [[nodiscard]] bool is_object() const noexcept { return kind() == JsonKind::object; }
  [[nodiscard]] bool is_array() const noexcept { return kind() == JsonKind::array; }

  /// The value's compact text. For a number this is the spelling that was received.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

  /// The member of an object with this key; nothing if there is none or this is no object.
  [[nodiscard]] std::optional<JsonView> find(std::string_view key) const;
  /// The members of an object in order; empty for any other kind.
  [[nodiscard]] std::vector<JsonMember> members() const;
  /// The items of an array; empty for any other kind.
  [[nodiscard]] std::vector<JsonView> elements() const;

  /// The decoded text of a string.
  [[nodiscard]] std::optional<std::string> as_text() const;
  /// A number without fraction that fits 64 bits (`1.0` and `1e2` do).
  [[nodiscard]] std::optional<std::int64_t> as_int() const;
  [[nodiscard]] std::optional<double> as_double() const;
  [[nodiscard]] std::optional<bool> as_bool() const;

 private:
  std::string_view text_ = "null";
};

struct JsonMember {
  std::string key;
  JsonView value;
};

/// One JSON value as compact text: no white space, strings escaped in one way, numbers spelled as received. Never invalid.
class Json {
 public:
  Json() : text_("null") {}

  /// Reads any strict JSON text and compacts it.
  [[nodiscard]] static std::optional<Json> parse(std::string_view text);
  /// Takes text that a `Json` produced before (a stored row). Not checked: for any other text use `parse`.
  [[nodiscard]] static Json from_compact(std::string text) { return Json(std::move(text)); }
  /// A JSON string with this content.
  [[nodiscard]] static Json of_text(std::string_view content);

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] JsonView view() const noexcept { return JsonView(text_); }
  [[nodiscard]] JsonKind kind() const noexcept { return view().kind(); }
  [[nodiscard]] bool is_null() const noexcept { return view().is_null(); }
  [[nodiscard]] bool is_object() const noexcept { return view().is_object(); }
  [[nodiscard]] bool is_array() const noexcept { return view().is_array(); }

  /// Same text. Two objects with members in another order differ.
  friend bool operator==(const Json&, const Json&) = default;

 private:
  explicit Json(std::string compact) : text_(std::move(compact)) {}
  std::string text_;
};

/// Appends `text` as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD, so the result is always valid JSON.
void append_json_string(std::string& out, std::string_view text);

}  // namespace driftstack::wire
