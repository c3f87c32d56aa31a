#include "profiles/profile.hpp"

#include <algorithm>

#include "driftstack/support/json.hpp"

namespace driftstack::sessions {
namespace {

constexpr int kMaxCopies = 99;  // sessions.md 7.11
constexpr std::string_view kIdPrefix = "prof_";

constexpr bool is_alphanumeric(char c) noexcept { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
constexpr bool is_inner(char c) noexcept { return is_alphanumeric(c) || c == ' ' || c == '_' || c == '.' || c == '-'; }
constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Names are ASCII: customers' own by their pattern, generated ones are made of those.
std::string with_suffix(std::string_view source, const std::string& suffix) {
  source = source.substr(0, kMaxProfileName - suffix.size());
  while (!source.empty() && source.back() == ' ') source.remove_suffix(1);
  return std::string(source) + suffix;
}

void append_suffixed(std::vector<std::string>& names, std::string_view source, const std::string& word) {
  names.push_back(with_suffix(source, " (" + word + ")"));
  for (int i = 2; i <= kMaxCopies; ++i) names.push_back(with_suffix(source, " (" + word + " " + std::to_string(i) + ")"));
}

}  // namespace

std::optional<ProfileId> profile_id_from_input(std::string_view text) {
  std::string id(text);
  std::transform(id.begin(), id.end(), id.begin(), lower);
  std::string_view bare = id;
  if (bare.starts_with(kIdPrefix)) bare.remove_prefix(kIdPrefix.size());
  const auto uuid = Uuid::from_text(bare);
  return uuid ? std::optional(ProfileId(*uuid)) : std::nullopt;
}

std::string audit_name(const ProfileId& id) { return "profile_" + id.uuid().to_text(); }

bool matches_profile_name(std::string_view text) noexcept {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) && std::all_of(text.begin(), text.end(), is_inner);
}

std::vector<std::string> copy_names(std::string_view source) {
  std::vector<std::string> names;
  append_suffixed(names, source, "copy");
  return names;
}

std::vector<std::string> transferred_names(const std::string& name) {
  std::vector<std::string> names{name};
  append_suffixed(names, name, "transferred");
  return names;
}

std::string created_payload(const Profile& profile, std::string_view extra) {
  std::string payload = "{\"name\":";
  wire::append_json_string(payload, profile.name);
  payload += ",\"archetype\":";
  wire::append_json_string(payload, profile.archetype);
  payload += extra;
  return payload + "}";
}

Error no_such_profile() { return Error(Errc::not_found, "There is no such profile."); }

Error profile_name_taken() { return Error(Errc::conflict, "A profile of the account has this name."); }

Error stale_profile(std::int64_t current_revision) {
  const std::string current = std::to_string(current_revision);
  return Error(Errc::conflict, "The profile was changed since: it is at revision " + current + ".")
      .with_members("\"code\":\"stale_revision\",\"current_revision\":" + current);
}

Error profile_cap_reached(std::int64_t limit, const ProfileCount& count, std::string_view tier) {
  const std::string current = std::to_string(count.live + count.trashed);
  std::string members = "\"limit\":" + std::to_string(limit) + ",\"current\":" + current + ",\"resource\":\"profile\",\"tier\":";
  wire::append_json_string(members, tier);
  members += ",\"trash_count\":" + std::to_string(count.trashed);
  return Error(Errc::tier_limit, "The account has " + current + " profiles, " + std::to_string(count.trashed) +
                                     " of them in the trash; its tier permits " + std::to_string(limit) + ".")
      .with_members(std::move(members));
}

}  // namespace driftstack::sessions
