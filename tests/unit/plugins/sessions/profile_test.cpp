#include "profiles/profile.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

namespace driftstack::sessions::test {
namespace {

TEST_CASE("a profile is named by its id or its bare UUID, in any case") {
  const std::string uuid = "3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11";
  for (const std::string& text : {uuid, "prof_" + uuid, std::string("3F2B8C1E-5D47-4A0B-9C65-1F0E7D2A4B11"),
                                  std::string("prof_3F2B8C1E-5D47-4A0B-9C65-1F0E7D2A4B11")}) {
    INFO(text);
    const auto id = profile_id_from_input(text);
    REQUIRE(id);
    CHECK(id->to_text() == "prof_" + uuid);
    CHECK(audit_name(*id) == "profile_" + uuid);
  }
  for (const char* text :
       {"", "prof_", "prof_x", "profile_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11", "ses_3f2b8c1e-5d47-4a0b-9c65-1f0e7d2a4b11"}) {
    INFO(text);
    CHECK_FALSE(profile_id_from_input(text));
  }
}

TEST_CASE("names begin and end with a letter or digit and hold few other characters") {
  for (const char* name : {"a", "9", "Work", "a b", "a_b.c-d", "A  B"}) CHECK(matches_profile_name(name));
  for (const char* name : {"", " a", "a ", "-a", "a.", "a(b)c", "a/b", "\xc3\xa4", "a\nb"}) CHECK_FALSE(matches_profile_name(name));
}

TEST_CASE("copies are numbered to 99 and never longer than a name may be") {
  const auto names = copy_names("Work");
  REQUIRE(names.size() == 99);
  CHECK(names[0] == "Work (copy)");
  CHECK(names[1] == "Work (copy 2)");
  CHECK(names[98] == "Work (copy 99)");
  const auto shortened = copy_names(std::string(113, 'a') + " " + std::string(6, 'b'));
  CHECK(shortened[0] == std::string(113, 'a') + " (copy)");
  CHECK(std::set<std::string>(shortened.begin(), shortened.end()).size() == 99);
  CHECK(std::all_of(shortened.begin(), shortened.end(), [](const std::string& name) { return name.size() <= kMaxProfileName; }));
}

TEST_CASE("a transferred profile keeps its name where it can") {
  const auto names = transferred_names("Work");
  CHECK(names[0] == "Work");
  CHECK(names[1] == "Work (transferred)");
  CHECK(names[2] == "Work (transferred 2)");
}

TEST_CASE("a profile says where its proxy comes from") {
  Profile profile;
  CHECK(profile.proxy_choice() == ProxyChoice::unset);
  profile.proxy_detached = true;
  CHECK(profile.proxy_choice() == ProxyChoice::detached);
  profile.default_proxy = random_uuid();
  CHECK(profile.proxy_choice() == ProxyChoice::bound);
}

}  // namespace
}  // namespace driftstack::sessions::test
