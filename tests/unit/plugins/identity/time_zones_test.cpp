#include "plugins/identity/time_zones.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "driftstack/testing/fake_host.hpp"

namespace driftstack::identity {

TEST_CASE("names of the IANA database are known, exactly as written") {
  for (const char* name : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "Asia/Kolkata"}) {
    CAPTURE(name);
    CHECK(check_time_zone(name) == TimeZoneCheck::known);
  }
  for (const char* name : {"Foo/Bar", "europe/berlin", "Europe", "Europe/", "/UTC", "", "UTC ", "../zoneinfo/UTC", "Europe/../UTC",
                           "posix/UTC", "right/UTC", "posixrules", "localtime", "zone.tab", "tzdata.zi", "Europe//Berlin", "leapseconds"}) {
    CAPTURE(name);
    CHECK(check_time_zone(name) == TimeZoneCheck::unknown);
  }
}

TEST_CASE("a file without the mark of a time zone is none, and a system without the database says so") {
  const testing::TemporaryDirectory directory;
  std::ofstream(directory.path() + "/Fake") << "not a zone";
  std::ofstream(directory.path() + "/Real") << "TZif2";
  CHECK(check_time_zone("Fake", directory.path()) == TimeZoneCheck::unknown);
  CHECK(check_time_zone("Real", directory.path()) == TimeZoneCheck::known);
  CHECK(check_time_zone("UTC", directory.path() + "/absent") == TimeZoneCheck::no_database);
}

}  // namespace driftstack::identity
