#pragma once
// The routes of sessions.md 7.

#include "driftstack/support/routes.hpp"
#include "profiles/profile_copies.hpp"
#include "profiles/profiles.hpp"
#include "session_creator.hpp"

namespace driftstack::sessions {

/// HTTP on one side, profiles on the other; decides nothing itself. [io-thread]
class ProfileRoutes {
 public:
  ProfileRoutes(Profiles& profiles, ProfileCopies& copies, SessionCreator& creator)
      : profiles_(profiles), copies_(copies), creator_(creator) {}

  void declare(Routes& routes);

  AsyncResult<body::Profile> create(const Call& call, const Request& request, body::ProfileCreate body);
  AsyncResult<Page<body::Profile>> list(const Call& call, const Request& request);
  AsyncResult<body::ProfileTrash> trash(const Call& call, const Request& request);
  AsyncResult<body::Profile> get(const Call& call, const Request& request);
  AsyncResult<body::Profile> edit(const Call& call, const Request& request, body::ProfilePatch body);
  AsyncResult<> move_to_trash(const Call& call, const Request& request);
  AsyncResult<body::Profile> restore(const Call& call, const Request& request);
  AsyncResult<> purge(const Call& call, const Request& request);
  AsyncResult<body::Trimmed> trim(const Call& call, const Request& request);
  AsyncResult<body::Profile> clone(const Call& call, const Request& request, body::ProfileClone body);
  AsyncResult<body::ProfileEnvelope> export_one(const Call& call, const Request& request);
  AsyncResult<body::Profile> import_one(const Call& call, const Request& request, body::ProfileImport body);
  AsyncResult<Response> launch(const Call& call, const Request& request, body::Launch body);
  AsyncResult<body::Activity> activity(const Call& call, const Request& request);
  AsyncResult<body::Organization> organization(const Call& call, const Request& request);
  AsyncResult<body::Organization> set_organization(const Call& call, const Request& request, body::Organization body);

 private:
  Profiles& profiles_;
  ProfileCopies& copies_;
  SessionCreator& creator_;
};

/// The profile that a path names. not_found for a malformed id.
[[nodiscard]] Result<ProfileId> profile_in_path(const Request& request);

}  // namespace driftstack::sessions
