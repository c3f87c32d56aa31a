#include "driftstack/support/issues.hpp"

#include <algorithm>

#include "driftstack/support/json.hpp"
#include "driftstack/support/utf8.hpp"

namespace driftstack::wire {
namespace {

std::vector<PathStep> path_of(const PathFrame* place) {
  std::vector<PathStep> path;
  for (const PathFrame* frame = place; frame != nullptr; frame = frame->parent) {
    if (frame->is_index) {
      path.emplace_back(frame->index);
    } else {
      path.emplace_back(utf8_prefix(frame->name, Issues::kStepMostBytes));
    }
  }
  std::reverse(path.begin(), path.end());
  return path;
}

void append_issue_json(std::string& out, const Issue& issue) {
  out += "{\"path\":[";
  bool first = true;
  for (const PathStep& step : issue.path) {
    if (!first) out += ',';
    first = false;
    if (step.is_index()) {
      out += std::to_string(step.index());
    } else {
      append_json_string(out, step.name());
    }
  }
  out += "],\"message\":";
  append_json_string(out, issue.message);
  out += ",\"code\":";
  append_json_string(out, issue_code_text(issue.code));
  out += '}';
}

}  // namespace

std::string_view issue_code_text(IssueCode code) noexcept {
  switch (code) {
    case IssueCode::not_json:
      return "not_json";
    case IssueCode::required:
      return "required";
    case IssueCode::type:
      return "type";
    case IssueCode::null:
      return "null";
    case IssueCode::too_short:
      return "too_short";
    case IssueCode::too_long:
      return "too_long";
    case IssueCode::too_small:
      return "too_small";
    case IssueCode::too_big:
      return "too_big";
    case IssueCode::too_few:
      return "too_few";
    case IssueCode::too_many:
      return "too_many";
    case IssueCode::enumeration:
      return "enum";
    case IssueCode::pattern:
      return "pattern";
    case IssueCode::format:
      return "format";
    case IssueCode::unknown_key:
      return "unknown_key";
    case IssueCode::duplicate_key:
      return "duplicate_key";
    case IssueCode::duplicate_item:
      return "duplicate_item";
    case IssueCode::not_allowed:
      return "not_allowed";
  }
  return "type";
}

std::string Issue::path_text() const {
  std::string text;
  for (const PathStep& step : path) {
    if (step.is_index()) {
      text += '[' + std::to_string(step.index()) + ']';
    } else {
      if (!text.empty()) text += '.';
      text += step.name();
    }
  }
  return text;
}

void Issues::add(std::initializer_list<PathStep> path, IssueCode code, std::string message) {
  if (full()) return;
  std::vector<PathStep> steps = path_of(base_);
  steps.insert(steps.end(), path.begin(), path.end());
  issues_.push_back(Issue{std::move(steps), code, std::move(message)});
}

void Issues::add_at(const PathFrame* place, IssueCode code, std::string message) {
  if (full()) return;
  issues_.push_back(Issue{path_of(place), code, std::move(message)});
}

std::string Issues::json() const {
  std::string out = "[";
  for (const Issue& issue : issues_) {
    if (out.size() > 1) out += ',';
    append_issue_json(out, issue);
  }
  out += ']';
  return out;
}

std::string Issues::summary() const {
  if (issues_.empty()) return {};
  const std::string path = issues_.front().path_text();
  std::string text = path.empty() ? issues_.front().message : "\"" + path + "\" " + issues_.front().message;
  if (issues_.size() > 1) text += " (and " + std::to_string(issues_.size() - 1) + " more)";
  return text;
}

}  // namespace driftstack::wire
