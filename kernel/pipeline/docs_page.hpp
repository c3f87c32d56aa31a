#pragma once
// GET /docs: the operations as one page without script.

#include <string>
#include <vector>

#include "driftstack/http.hpp"

namespace driftstack::kernel {

std::string docs_page(const std::vector<const Route*>& routes, const std::string& version, const std::string& public_url);

}  // namespace driftstack::kernel
