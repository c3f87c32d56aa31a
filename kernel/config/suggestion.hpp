#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftstack::kernel {

/// The candidate that the operator most likely meant by `written`, or nothing when none is near.
/// Near: the number of edits (insert, delete, replace, swap neighbours), blind to case and to "-" against "_", is at most a third of the
/// longer text.
std::optional<std::string> nearest(std::string_view written, const std::vector<std::string>& candidates);

/// `unknown key; did you mean "max_wait"?`, else the keys that exist. `what` is "key", "plugin", "role", ...
std::string unknown_name_message(std::string_view what, std::string_view written, const std::vector<std::string>& candidates);

/// `"a", "b", "c"`.
std::string quoted_list(const std::vector<std::string>& names);

}  // namespace driftstack::kernel
