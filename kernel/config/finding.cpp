#include "kernel/config/finding.hpp"

#include <algorithm>
#include <tuple>

namespace driftstack::kernel {
namespace {

// A finding stays readable on one terminal line; what the operator typed wrong shows within the first words.
constexpr std::size_t kQuotedLimit = 80;

bool is_bare_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

void append_escaped(std::string& out, char c) {
  constexpr char kHex[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (c == '\r') {
    out += "\\r";
  } else if (is_control(c)) {
    out += "\\u00";
    out += kHex[byte >> 4];
    out += kHex[byte & 0x0f];
  } else {
    out += c;
  }
}

std::size_t cut_at_character(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;  // never inside a UTF-8 sequence
  return limit;
}

std::string quote(std::string_view text, std::size_t limit) {
  const std::size_t end = cut_at_character(text, limit);
  std::string out = "\"";
  for (const char c : text.substr(0, end)) append_escaped(out, c);
  out += end < text.size() ? "...\"" : "\"";
  return out;
}

}  // namespace

std::string Origin::text() const {
  if (source.empty()) return "default";
  if (!in_file()) return source;
  return source + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string Finding::line() const {
  const std::string place = origin.text() + ": " + (key.empty() ? "" : key + ": ");
  std::string out;
  // Paths and texts of the TOML library may hold any character; a finding stays one line.
  for (const char c : place + message) {
    if (is_control(c)) {
      append_escaped(out, c);
    } else {
      out += c;
    }
  }
  return out;
}

void sort_by_place(std::vector<Finding>& findings) {
  std::vector<std::string> sources;
  for (const Finding& finding : findings) {
    if (std::find(sources.begin(), sources.end(), finding.origin.source) == sources.end()) sources.push_back(finding.origin.source);
  }
  const auto rank = [&sources](const Finding& finding) {
    const auto source = std::find(sources.begin(), sources.end(), finding.origin.source) - sources.begin();
    return std::tuple(source, finding.origin.line, finding.origin.column, std::string_view(finding.key));
  };
  std::stable_sort(findings.begin(), findings.end(), [&rank](const Finding& a, const Finding& b) { return rank(a) < rank(b); });
}

std::string in_quotes(std::string_view text) { return quote(text, kQuotedLimit); }

std::string in_quotes_whole(std::string_view text) { return quote(text, std::string_view::npos); }

std::string join_key(std::string_view parent, std::string_view name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), is_bare_key_character);
  std::string out(parent);
  if (!out.empty()) out += '.';
  return out + (bare ? std::string(name) : in_quotes_whole(name));
}

}  // namespace driftstack::kernel
