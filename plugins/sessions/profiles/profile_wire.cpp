#include "profiles/profile_wire.hpp"

#include <set>
#include <string_view>

namespace driftstack::sessions::body {
namespace {

std::optional<Timestamp> moment(std::optional<std::int64_t> micros) {
  return micros ? std::optional(Timestamp::from_micros(*micros)) : std::nullopt;
}

}  // namespace

void check_notes(const std::optional<std::string>& notes, wire::Issues& issues) {
  if (!notes || notes->size() <= static_cast<std::size_t>(kMaxNotesBytes)) return;
  issues.add("notes", wire::IssueCode::too_long, "must be at most 16384 bytes long as UTF-8");
}

void check(const Organization& organization, wire::Issues& issues) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < organization.folders.size(); ++i) {
    if (seen.insert(organization.folders[i].name).second) continue;
    issues.add({"folders", i, "name"}, wire::IssueCode::duplicate_item, "is the name of another folder too");
  }
}

Profile show(const sessions::Profile& profile) {
  Profile shown;
  shown.id = profile.id;
  shown.name = profile.name;
  shown.archetype = profile.archetype;
  shown.description = profile.description;
  shown.folder = profile.folder;
  shown.tags = profile.tags;
  shown.icon = profile.icon;
  shown.note = profile.note;
  shown.last_used_at = moment(profile.last_used_at);
  shown.size_bytes = profile.size_bytes;
  shown.last_saved_at = moment(profile.last_saved_at);
  shown.created_at = Timestamp::from_micros(profile.created_at);
  shown.updated_at = Timestamp::from_micros(profile.updated_at);
  shown.deleted_at = moment(profile.deleted_at);
  shown.notes = profile.notes;
  shown.default_proxy_id = profile.default_proxy;
  shown.proxy_choice = profile.proxy_choice();
  if (profile.geolocation) shown.geolocation = wire::Json::from_compact(*profile.geolocation);
  shown.stop_on_exit_ip_change = profile.stop_on_exit_ip_change;
  shown.revision = profile.revision;
  return shown;
}

Trimmed trim_unavailable(std::string reason) {
  Trimmed answer;
  answer.status = TrimStatus::unavailable;
  answer.reason = std::move(reason);
  return answer;
}

Trimmed trim_failed(std::string reason) {
  Trimmed answer;
  answer.status = TrimStatus::error;
  answer.reason = std::move(reason);
  return answer;
}

std::optional<Uuid> proxy_id_from_input(const std::string& text) { return Uuid::from_text(text); }

}  // namespace driftstack::sessions::body
