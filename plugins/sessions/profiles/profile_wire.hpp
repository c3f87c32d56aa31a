#pragma once
// What customers send and get about profiles (sessions.md 7 of the specification).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "driftstack/support/public_id.hpp"
#include "driftstack/support/timestamp.hpp"
#include "driftstack/support/wire.hpp"
#include "profiles/profile.hpp"

namespace driftstack::sessions::body {

// Bounds of sessions.md 7.1.
inline constexpr std::int64_t kMaxDescription = 2048;
inline constexpr std::int64_t kMaxFolder = 32;
inline constexpr std::int64_t kMaxTags = 12;
inline constexpr std::int64_t kMaxTag = 24;
inline constexpr std::int64_t kMaxIcon = 16;
inline constexpr std::int64_t kMaxNote = 280;
inline constexpr std::int64_t kMaxNotesBytes = 16'384;

void check_notes(const std::optional<std::string>& notes, wire::Issues& issues);

struct Geolocation {
  double latitude = 0, longitude = 0;  ///< degrees
  std::optional<double> accuracy;      ///< metres
  static constexpr auto shape = wire::object(wire::field<&Geolocation::latitude>("latitude", wire::min(-90), wire::max(90)),
                                             wire::field<&Geolocation::longitude>("longitude", wire::min(-180), wire::max(180)),
                                             wire::field<&Geolocation::accuracy>("accuracy", wire::min(0)));
};

// ---------------------------------------------------------------- the resource

struct Profile {
  ProfileId id;
  std::string name, archetype;
  std::optional<std::string> description, folder;
  std::vector<std::string> tags;
  std::optional<std::string> icon, note;
  std::optional<Timestamp> last_used_at;
  std::optional<std::int64_t> size_bytes;
  std::optional<Timestamp> last_saved_at;
  Timestamp created_at, updated_at;
  std::optional<Timestamp> deleted_at;
  std::optional<std::string> notes;
  std::optional<Uuid> default_proxy_id;
  ProxyChoice proxy_choice = ProxyChoice::unset;
  std::optional<wire::Json> geolocation;
  bool stop_on_exit_ip_change = false;
  std::int64_t revision = 1;

  static constexpr auto shape = wire::object(
      wire::field<&Profile::id>("id"), wire::field<&Profile::name>("name"), wire::field<&Profile::archetype>("archetype"),
      wire::field<&Profile::description>("description", wire::nullable), wire::field<&Profile::folder>("folder", wire::nullable),
      wire::field<&Profile::tags>("tags"), wire::field<&Profile::icon>("icon", wire::nullable),
      wire::field<&Profile::note>("note", wire::nullable),
      wire::field<&Profile::last_used_at>("last_used_at", wire::nullable, wire::doc("When a session was last created on it.")),
      wire::field<&Profile::size_bytes>("size_bytes", wire::nullable, wire::doc("Stored browser state; null until the first save.")),
      wire::field<&Profile::last_saved_at>("last_saved_at", wire::nullable), wire::field<&Profile::created_at>("created_at"),
      wire::field<&Profile::updated_at>("updated_at"),
      wire::field<&Profile::deleted_at>("deleted_at", wire::nullable, wire::doc("In the trash since; null for a live profile.")),
      wire::field<&Profile::notes>("notes", wire::nullable), wire::field<&Profile::default_proxy_id>("default_proxy_id", wire::nullable),
      wire::field<&Profile::proxy_choice>("proxy_choice"), wire::field<&Profile::geolocation>("geolocation", wire::nullable),
      wire::field<&Profile::stop_on_exit_ip_change>("stop_on_exit_ip_change"),
      wire::field<&Profile::revision>("revision", wire::doc("One more with every edit.")));
};

struct ProfileTrash {
  std::vector<Profile> data;
  static constexpr auto shape = wire::object(wire::field<&ProfileTrash::data>("data", wire::doc("Newest in the trash first.")));
};

enum class TrimStatus : std::uint8_t { ok, unavailable, timeout, error };
constexpr auto enum_names(TrimStatus) {
  return std::to_array<std::pair<std::string_view, TrimStatus>>(
      {{"ok", TrimStatus::ok}, {"unavailable", TrimStatus::unavailable}, {"timeout", TrimStatus::timeout}, {"error", TrimStatus::error}});
}
struct Trimmed {
  TrimStatus status = TrimStatus::ok;
  std::optional<std::int64_t> size_bytes, bytes_reclaimed;
  std::optional<std::string> reason;
  static constexpr auto shape = wire::object(wire::field<&Trimmed::status>("status"),
                                             wire::field<&Trimmed::size_bytes>("size_bytes", wire::doc("What is stored now; with `ok`.")),
                                             wire::field<&Trimmed::bytes_reclaimed>("bytes_reclaimed", wire::doc("With `ok`.")),
                                             wire::field<&Trimmed::reason>("reason", wire::doc("With `unavailable` and `error`.")));
};
[[nodiscard]] Trimmed trim_unavailable(std::string reason);
[[nodiscard]] Trimmed trim_failed(std::string reason);

// ---------------------------------------------------------------- create and edit

struct ProfileCreate {
  std::string name;
  std::optional<std::string> archetype;
  std::optional<std::string> description, folder;
  std::vector<std::string> tags;
  std::optional<std::string> icon, note, default_proxy_id;
  std::optional<Geolocation> geolocation;
  bool stop_on_exit_ip_change = false;

  static constexpr auto shape = wire::object(
      wire::field<&ProfileCreate::name>("name", wire::trimmed, wire::length(1, kMaxProfileName), wire::matches(kProfileNamePattern)),
      wire::field<&ProfileCreate::archetype>("archetype", wire::max_length(120),
                                             wire::doc("An id of GET /v1/archetypes; absent: its default.")),
      wire::field<&ProfileCreate::description>("description", wire::nullable_or_absent, wire::max_length(kMaxDescription)),
      wire::field<&ProfileCreate::folder>("folder", wire::nullable_or_absent, wire::trimmed, wire::length(1, kMaxFolder)),
      wire::field<&ProfileCreate::tags>("tags", wire::defaulted, wire::max_items(kMaxTags), wire::unique,
                                        wire::items(wire::trimmed, wire::length(1, kMaxTag))),
      wire::field<&ProfileCreate::icon>("icon", wire::nullable_or_absent, wire::max_length(kMaxIcon)),
      wire::field<&ProfileCreate::note>("note", wire::nullable_or_absent, wire::max_length(kMaxNote)),
      wire::field<&ProfileCreate::default_proxy_id>("default_proxy_id", wire::nullable_or_absent, wire::doc("Id of a saved proxy.")),
      wire::field<&ProfileCreate::geolocation>("geolocation", wire::nullable_or_absent),
      wire::field<&ProfileCreate::stop_on_exit_ip_change>("stop_on_exit_ip_change", wire::defaulted));
};

struct ProfilePatch {
  std::optional<std::string> name;
  std::optional<std::optional<std::string>> description, folder;
  std::optional<std::vector<std::string>> tags;
  std::optional<std::optional<std::string>> icon, note, notes, default_proxy_id;
  std::optional<ProxyChoice> proxy_choice;
  std::optional<std::optional<Geolocation>> geolocation;
  std::optional<bool> stop_on_exit_ip_change;
  std::optional<std::int64_t> expected_revision;

  friend void check(const ProfilePatch& patch, wire::Issues& issues) {
    if (patch.proxy_choice && *patch.proxy_choice != ProxyChoice::detached) {
      issues.add("proxy_choice", wire::IssueCode::not_allowed, "must be detached; default_proxy_id sets the others");
    }
    if (patch.proxy_choice && patch.default_proxy_id) {
      issues.add("proxy_choice", wire::IssueCode::not_allowed, "must not be sent together with default_proxy_id");
    }
    if (patch.notes) check_notes(*patch.notes, issues);
  }

  static constexpr auto shape = wire::object(
      wire::field<&ProfilePatch::name>("name", wire::trimmed, wire::length(1, kMaxProfileName), wire::matches(kProfileNamePattern)),
      wire::field<&ProfilePatch::description>("description", wire::max_length(kMaxDescription)),
      wire::field<&ProfilePatch::folder>("folder", wire::trimmed, wire::length(1, kMaxFolder)),
      wire::field<&ProfilePatch::tags>("tags", wire::max_items(kMaxTags), wire::unique,
                                       wire::items(wire::trimmed, wire::length(1, kMaxTag)), wire::doc("Replaces all; [] clears.")),
      wire::field<&ProfilePatch::icon>("icon", wire::max_length(kMaxIcon)),
      wire::field<&ProfilePatch::note>("note", wire::max_length(kMaxNote)),
      wire::field<&ProfilePatch::notes>("notes", wire::max_length(kMaxNotesBytes), wire::doc("At most 16 KiB of UTF-8.")),
      wire::field<&ProfilePatch::default_proxy_id>("default_proxy_id", wire::doc("Id of a saved proxy; null for none.")),
      wire::field<&ProfilePatch::proxy_choice>("proxy_choice", wire::doc("Only detached: sessions must name a proxy.")),
      wire::field<&ProfilePatch::geolocation>("geolocation"), wire::field<&ProfilePatch::stop_on_exit_ip_change>("stop_on_exit_ip_change"),
      wire::field<&ProfilePatch::expected_revision>("expected_revision",
                                                    wire::doc("Refuses the edit when the profile is at another revision.")));
};

struct ProfileClone {
  std::optional<std::string> name;
  static constexpr auto shape =
      wire::object(wire::field<&ProfileClone::name>("name", wire::trimmed, wire::length(1, kMaxProfileName),
                                                    wire::matches(kProfileNamePattern), wire::doc("Absent: `<source> (copy)`.")));
};

struct ExportedProfile {
  std::string name, archetype;
  std::optional<std::string> description, notes;
  friend void check(const ExportedProfile& profile, wire::Issues& issues) { check_notes(profile.notes, issues); }
  // Names are checked by the envelope: generated ones of an exported profile may have parentheses.
  static constexpr auto shape =
      wire::object(wire::field<&ExportedProfile::name>("name", wire::trimmed, wire::length(1, kMaxProfileName)),
                   wire::field<&ExportedProfile::archetype>("archetype", wire::length(1, 120)),
                   wire::field<&ExportedProfile::description>("description", wire::nullable, wire::max_length(kMaxDescription)),
                   wire::field<&ExportedProfile::notes>("notes", wire::nullable_or_absent, wire::max_length(kMaxNotesBytes)));
};

struct ProfileEnvelope {
  std::int32_t version = 1;
  Timestamp exported_at;
  std::string source_profile_id, source_account_id;  ///< for people to read; nothing is looked up with them
  ExportedProfile profile;
  static constexpr auto shape = wire::object(wire::field<&ProfileEnvelope::version>("version", wire::min(1), wire::max(1)),
                                             wire::field<&ProfileEnvelope::exported_at>("exported_at"),
                                             wire::field<&ProfileEnvelope::source_profile_id>("source_profile_id", wire::max_length(200)),
                                             wire::field<&ProfileEnvelope::source_account_id>("source_account_id", wire::max_length(200)),
                                             wire::field<&ProfileEnvelope::profile>("profile"));
};

struct ProfileImport {
  ProfileEnvelope envelope;
  std::optional<std::string> name_override;

  friend void check(const ProfileImport& import, wire::Issues& issues) {
    if (import.name_override || matches_profile_name(import.envelope.profile.name)) return;
    issues.add({"envelope", "profile", "name"}, wire::IssueCode::pattern, "must be letters and digits, or be replaced by name_override");
  }

  static constexpr auto shape =
      wire::object(wire::field<&ProfileImport::envelope>("envelope"),
                   wire::field<&ProfileImport::name_override>("name_override", wire::trimmed, wire::length(1, kMaxProfileName),
                                                              wire::matches(kProfileNamePattern)));
};

struct Launch {
  std::optional<std::string> label, proxy_id;
  std::optional<wire::Json> proxy;
  static constexpr auto shape =
      wire::object(wire::field<&Launch::label>("label", wire::max_length(120)),
                   wire::field<&Launch::proxy_id>("proxy_id", wire::nullable_or_absent, wire::doc("Id of a saved proxy.")),
                   wire::field<&Launch::proxy>("proxy", wire::doc("Always refused: a session names a saved proxy by proxy_id.")))
          .strict();
};

/// Pages that agents opened on a profile: there are no agents here.
struct Activity {
  std::vector<wire::Json> data;
  std::int64_t sessions_scanned = 0;
  bool truncated = false, pages_withheld = false;
  static constexpr auto shape =
      wire::object(wire::field<&Activity::data>("data"), wire::field<&Activity::sessions_scanned>("sessions_scanned"),
                   wire::field<&Activity::truncated>("truncated"), wire::field<&Activity::pages_withheld>("pages_withheld"));
};

// ---------------------------------------------------------------- organization

struct Folder {
  std::string name;
  std::optional<std::string> icon;
  static constexpr auto shape = wire::object(wire::field<&Folder::name>("name", wire::trimmed, wire::length(1, kMaxFolder)),
                                             wire::field<&Folder::icon>("icon", wire::max_length(kMaxIcon)));
};

struct Organization {
  std::vector<Folder> folders;
  std::vector<std::string> tags;

  friend void check(const Organization& organization, wire::Issues& issues);

  static constexpr auto shape =
      wire::object(wire::field<&Organization::folders>("folders", wire::defaulted, wire::max_items(200), wire::doc("Unique names.")),
                   wire::field<&Organization::tags>("tags", wire::defaulted, wire::max_items(200), wire::unique,
                                                    wire::items(wire::trimmed, wire::length(1, kMaxTag))));
};

/// The record as customers see it.
[[nodiscard]] Profile show(const sessions::Profile& profile);

/// A proxy id, or nothing when the text is none.
[[nodiscard]] std::optional<Uuid> proxy_id_from_input(const std::string& text);

}  // namespace driftstack::sessions::body
