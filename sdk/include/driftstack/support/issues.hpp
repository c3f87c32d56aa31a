/// What is wrong with a request, in the words of the answer `validation-failed`.
///
/// Purpose: collect every mistake of a body or a query with the place where it is, so that one answer names them all.
/// Thread: one object belongs to one request. Errors: none; what does not fit is dropped (`kMost`).
/// Rule: a message never quotes the value that was received, it may be a secret.
///
///     void check(const Extraction& e, Issues& issues) {
///       if (e.type == Type::attribute && !e.attribute) issues.add("attribute", IssueCode::required, "is required for attributes");
///     }
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace driftstack::wire {

/// The closed list of codes. Each is sent as its own name, except `enumeration`, which is sent as `enum`.
enum class IssueCode : std::uint8_t {
  not_json,        ///< the body as a whole is not strict JSON
  required,        ///< a key is missing
  type,            ///< the JSON type is another one
  null,            ///< null where none is allowed
  too_short,       ///< text, bytes or raw JSON under the lower bound
  too_long,        ///< text, bytes or raw JSON over the upper bound
  too_small,       ///< a number under the lower bound
  too_big,         ///< a number over the upper bound
  too_few,         ///< a list or map with too few items
  too_many,        ///< a list or map with too many items
  enumeration,     ///< not one of the listed values
  pattern,         ///< text that does not match its pattern
  format,          ///< text that is no id, time, base64 and so on
  unknown_key,     ///< a key that a strict shape does not know
  duplicate_key,   ///< a query parameter given twice
  duplicate_item,  ///< an item given twice in a list of unique items
  not_allowed,     ///< well formed, but refused by a rule across fields
};

/// The code as it is sent.
[[nodiscard]] std::string_view issue_code_text(IssueCode code) noexcept;

/// One step into a document: a key or a list position.
class PathStep {
 public:
  PathStep(std::string_view name) : name_(name) {}  // NOLINT(google-explicit-constructor): `{"items", 2}` is the point
  PathStep(const char* name) : name_(name) {}       // NOLINT(google-explicit-constructor)
  template <std::integral I>
  PathStep(I index) : index_(static_cast<std::size_t>(index)), is_index_(true) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool is_index() const noexcept { return is_index_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  friend bool operator==(const PathStep&, const PathStep&) = default;

 private:
  std::string name_;
  std::size_t index_ = 0;
  bool is_index_ = false;
};

struct Issue {
  std::vector<PathStep> path;  ///< empty for the document itself
  IssueCode code = IssueCode::type;
  std::string message;  ///< a sentence part that follows the field's name: "must be at most 120 characters long"

  /// The path for people: `extractions[2].attribute`.
  [[nodiscard]] std::string path_text() const;
};

/// A place while a document is being read: frames on the stack, turned into a path only when something is wrong. Null is the document.
struct PathFrame {
  const PathFrame* parent = nullptr;
  std::string_view name;
  std::size_t index = 0;
  bool is_index = false;
};

class Issues {
 public:
  static constexpr std::size_t kMost = 50;            // an answer that lists more helps nobody
  static constexpr std::size_t kStepMostBytes = 128;  // a key of the caller's own making is cut to this in a path

  /// Adds an issue at a path. Inside a `check` function the path starts at the object that is being checked.
  void add(std::initializer_list<PathStep> path, IssueCode code, std::string message);
  /// Adds an issue at one field.
  void add(std::string_view field, IssueCode code, std::string message) { add({PathStep(field)}, code, std::move(message)); }
  /// Adds an issue at a place of the document. Used by the readers.
  void add_at(const PathFrame* place, IssueCode code, std::string message);

  [[nodiscard]] bool empty() const noexcept { return issues_.empty(); }
  [[nodiscard]] bool full() const noexcept { return issues_.size() >= kMost; }
  [[nodiscard]] std::size_t size() const noexcept { return issues_.size(); }
  [[nodiscard]] const Issue& operator[](std::size_t i) const noexcept { return issues_[i]; }
  [[nodiscard]] auto begin() const noexcept { return issues_.begin(); }
  [[nodiscard]] auto end() const noexcept { return issues_.end(); }

  /// The `issues` array of a problem body: `[{"path":["label"],"message":"…","code":"too_long"}]`.
  [[nodiscard]] std::string json() const;
  /// One line for the `detail` of a problem body: the first issue with its path, and how many more there are.
  [[nodiscard]] std::string summary() const;

  /// Makes paths of `add` relative to `place` while it lives. Used by the readers around `check`.
  class Scope {
   public:
    Scope(Issues& issues, const PathFrame* place) noexcept : issues_(issues), before_(issues.base_) { issues.base_ = place; }
    ~Scope() { issues_.base_ = before_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Issues& issues_;
    const PathFrame* before_;
  };

 private:
  std::vector<Issue> issues_;
  const PathFrame* base_ = nullptr;
};

}  // namespace driftstack::wire
