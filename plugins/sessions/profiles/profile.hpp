#pragma once
// A browser profile: its record, the rules of its name, and the refusals that name a rule. No HTTP, no SQL, no browser.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "driftstack/result.hpp"
#include "driftstack/support/pattern.hpp"
#include "driftstack/support/public_id.hpp"
#include "driftstack/uuid.hpp"

namespace driftstack::sessions {

/// `prof_<uuid>`.
using ProfileId = PublicId<"prof">;

/// Customers may also write the bare UUID, and hex digits in any case (sessions.md 7.1).
[[nodiscard]] std::optional<ProfileId> profile_id_from_input(std::string_view text);
/// `profile_<uuid>`: how the audit log names a profile (sessions.md 6).
[[nodiscard]] std::string audit_name(const ProfileId& id);

inline constexpr std::size_t kMaxProfileName = 120;  // sessions.md 7.1
[[nodiscard]] bool matches_profile_name(std::string_view text) noexcept;
inline constexpr Pattern kProfileNamePattern{"^[A-Za-z0-9](?:[A-Za-z0-9 _.-]*[A-Za-z0-9])?$",
                                             "letters and digits, with spaces, underscores, dots and dashes inside", &matches_profile_name};

/// Which proxy a session of this profile goes through.
enum class ProxyChoice : std::uint8_t {
  unset,     ///< none was chosen
  bound,     ///< the saved proxy of `default_proxy`
  detached,  ///< the chosen one is gone, or was taken off: a session must name one
};
constexpr auto enum_names(ProxyChoice) {
  return std::to_array<std::pair<std::string_view, ProxyChoice>>(
      {{"unset", ProxyChoice::unset}, {"bound", ProxyChoice::bound}, {"detached", ProxyChoice::detached}});
}

struct Profile {
  [[nodiscard]] ProxyChoice proxy_choice() const noexcept {
    if (default_proxy) return ProxyChoice::bound;
    return proxy_detached ? ProxyChoice::detached : ProxyChoice::unset;
  }

  ProfileId id;
  Uuid account;
  std::string name;
  std::string archetype;
  std::optional<std::string> description, folder;
  std::vector<std::string> tags;
  std::optional<std::string> icon, note, notes;
  std::optional<Uuid> default_proxy;
  bool proxy_detached = false;
  std::optional<std::string> geolocation;  ///< compact JSON object
  bool stop_on_exit_ip_change = false;
  std::int64_t revision = 1;    ///< counts edits
  std::int64_t created_at = 0;  ///< microseconds since 1970 UTC, as all times here
  std::int64_t updated_at = 0;
  std::optional<std::int64_t> last_used_at;
  std::optional<std::int64_t> deleted_at;  ///< in the trash since
  std::int64_t state_revision = 0;         ///< moves whenever a saved browser state of before must not be written any more
  std::optional<std::int64_t> size_bytes;  ///< stored browser state; nothing before the first save
  std::optional<std::int64_t> last_saved_at;
};

/// Names to try in order, the first that is free is taken: `<source> (copy)`, `<source> (copy 2)` ... `(copy 99)`. A source that would make
/// a name too long is shortened.
[[nodiscard]] std::vector<std::string> copy_names(std::string_view source);
/// The name itself, then `<name> (transferred)`, `<name> (transferred 2)` ...
[[nodiscard]] std::vector<std::string> transferred_names(const std::string& name);

/// The payload of `profile.created` and `profile.imported`. `extra` holds more members, each with a comma in front.
[[nodiscard]] std::string created_payload(const Profile& profile, std::string_view extra);

/// What fills the cap of an account's profiles.
struct ProfileCount {
  std::int64_t live = 0, trashed = 0;
};

[[nodiscard]] Error no_such_profile();
[[nodiscard]] Error profile_name_taken();
[[nodiscard]] Error stale_profile(std::int64_t current_revision);
[[nodiscard]] Error profile_cap_reached(std::int64_t limit, const ProfileCount& count, std::string_view tier);

}  // namespace driftstack::sessions
