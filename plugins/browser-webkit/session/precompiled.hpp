#pragma once
// What nearly every file of the session process includes, compiled once. Files still include what they use.

#include <webkit2/webkit2.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "driftstack/roles/browser_backend.hpp"
