#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace driftstack::kernel {

/// Orders plugins so that each comes behind those that it requires. Ties are broken by name, so the order is the same on every start.
class StartOrder {
 public:
  void add(const std::string& plugin) { needs_[plugin]; }
  /// `plugin` comes behind `other`.
  void require(const std::string& plugin, const std::string& other);
  /// The same as a wish: left out when it would close a circle. Say all `require`s first.
  void prefer(const std::string& plugin, const std::string& other);

  struct Outcome {
    std::vector<std::string> order;
    /// "a", "b", "a" when a and b require each other; then there is no order.
    std::vector<std::string> circle;
  };
  Outcome sorted() const;

 private:
  bool reaches(const std::string& from, const std::string& to) const;
  std::map<std::string, std::set<std::string>> needs_;
};

}  // namespace driftstack::kernel
