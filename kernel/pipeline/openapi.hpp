#pragma once
// GET /openapi.json: the mounted routes as an OpenAPI 3.1 document. True by construction: it is made from what the router serves.

#include <string>
#include <vector>

#include "driftstack/http.hpp"

namespace driftstack::kernel {

std::string openapi_document(const std::vector<const Route*>& routes, const std::string& version, const std::string& public_url);

}  // namespace driftstack::kernel
