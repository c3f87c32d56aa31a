#pragma once
// Is this the name of a time zone? Asked of the system's copy of the IANA database (package tzdata).

#include <string>
#include <string_view>

namespace driftstack::identity {

enum class TimeZoneCheck : unsigned char { known, unknown, no_database };

/// Exact and case-sensitive: `Europe/Berlin` and `UTC` are known, `europe/berlin` and `Foo/Bar` are not. Reads a file: worker threads only.
TimeZoneCheck check_time_zone(std::string_view name, const std::string& directory = "/usr/share/zoneinfo");

}  // namespace driftstack::identity
