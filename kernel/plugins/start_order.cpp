#include "kernel/plugins/start_order.hpp"

#include <algorithm>

namespace driftstack::kernel {
namespace {

using Needs = std::map<std::string, std::set<std::string>>;

/// Depth-first; `path` holds the plugins being visited, so meeting one of them again is a circle.
bool visit(const std::string& plugin, const Needs& needs, std::vector<std::string>& path, StartOrder::Outcome& out) {
  if (std::find(out.order.begin(), out.order.end(), plugin) != out.order.end()) return true;
  const auto met = std::find(path.begin(), path.end(), plugin);
  if (met != path.end()) {
    out.circle.assign(met, path.end());
    out.circle.push_back(plugin);
    return false;
  }
  path.push_back(plugin);
  for (const std::string& other : needs.at(plugin)) {
    if (!visit(other, needs, path, out)) return false;
  }
  path.pop_back();
  out.order.push_back(plugin);
  return true;
}

}  // namespace

void StartOrder::require(const std::string& plugin, const std::string& other) {
  add(other);
  if (plugin != other) needs_[plugin].insert(other);
}

void StartOrder::prefer(const std::string& plugin, const std::string& other) {
  if (!reaches(other, plugin)) require(plugin, other);
}

bool StartOrder::reaches(const std::string& from, const std::string& to) const {
  std::set<std::string> seen;
  std::vector<std::string> open{from};
  while (!open.empty()) {
    const std::string at = open.back();
    open.pop_back();
    if (at == to) return true;
    const auto found = needs_.find(at);
    if (!seen.insert(at).second || found == needs_.end()) continue;
    open.insert(open.end(), found->second.begin(), found->second.end());
  }
  return false;
}

StartOrder::Outcome StartOrder::sorted() const {
  Outcome out;
  for (const auto& [plugin, others] : needs_) {
    std::vector<std::string> path;
    if (visit(plugin, needs_, path, out)) continue;
    out.order.clear();
    return out;
  }
  return out;
}

}  // namespace driftstack::kernel
