#pragma once
// Which operation a method and path name. Built at start, exact and case-sensitive, constant while it serves.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "driftstack/http.hpp"
#include "driftstack/result.hpp"

namespace driftstack::kernel {

class RouteTable {
 public:
  /// `knows_bucket` tells whether the rate limiter has a bucket of that name.
  explicit RouteTable(std::function<bool(std::string_view)> knows_bucket) : knows_bucket_(std::move(knows_bucket)) {}

  /// Mounts a route of a plugin. Refused: an undeclared authentication, scope, team or bucket, parts that do not fit together, a malformed
  /// template, a duplicate. The Error names plugin, method, path and rule.
  Result<> mount(std::string_view plugin, const Route& route);

  static constexpr std::size_t kMostParameters = 4;
  struct Match {
    const Route* route = nullptr;
    bool path_exists = false;  ///< the path has some operation, if not this method
    std::size_t parameters = 0;
    std::string_view segments[kMostParameters];  ///< raw segments of the parameters, in template order
    std::span<const std::string> names;          ///< their names
  };
  Match find(Method method, std::string_view path) const noexcept;

  /// All mounted routes, sorted by path and method.
  std::vector<const Route*> routes() const;

 private:
  static constexpr std::size_t kMethods = 7;
  struct Node {
    std::vector<std::pair<std::string, std::unique_ptr<Node>>> children;
    std::unique_ptr<Node> parameter;
    const Route* routes[kMethods] = {};
    std::string owners[kMethods];
    std::vector<std::string> names[kMethods];
    bool has_route() const noexcept {
      for (const auto* route : routes)
        if (route) return true;
      return false;
    }
  };
  static void collect(const Node& node, std::vector<const Route*>& out);

  std::function<bool(std::string_view)> knows_bucket_;
  Node root_;
};

/// `GET`, `POST`, ...
std::string_view method_name(Method method) noexcept;

}  // namespace driftstack::kernel
