#include "kernel/config/suggestion.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

#include "kernel/config/finding.hpp"

namespace driftstack::kernel {
namespace {

// A list of more names than this no longer helps on one line.
constexpr std::size_t kListedNames = 16;

std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1), last[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view written, const std::vector<std::string>& candidates) {
  std::optional<std::string> best;
  std::size_t best_distance = 0;
  const std::string wanted = folded(written);
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, folded(candidate));
    const std::size_t allowed = std::max(wanted.size(), candidate.size()) / 3;
    if (distance > allowed || (best && distance >= best_distance)) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += in_quotes(name);
  }
  return out;
}

std::string unknown_name_message(std::string_view what, std::string_view written, const std::vector<std::string>& candidates) {
  const std::string start = "unknown " + std::string(what);
  if (const auto near = nearest(written, candidates)) return start + "; did you mean " + in_quotes(*near) + "?";
  if (candidates.empty()) return start + "; there is none here";
  if (candidates.size() > kListedNames) return start;
  return start + "; known here: " + quoted_list(candidates);
}

}  // namespace driftstack::kernel
