#include "profiles/profile_routes.hpp"

#include <utility>

namespace driftstack::sessions {

Result<ProfileId> profile_in_path(const Request& request) {
  const auto id = profile_id_from_input(request.parameter("id"));
  if (!id) return no_such_profile();
  return *id;
}

void ProfileRoutes::declare(Routes& routes) {
  const ScopeSet read{Scope::read, Scope::read_profiles};
  const ScopeSet write{Scope::write, Scope::write_profiles};

  routes.post("/v1/profiles", "create_profile", "Make a profile with an empty browser state.")
      .bearer(write, TeamAccess::admin_write)
      .keyed(Idempotency::replay)
      .to<&ProfileRoutes::create>(*this);
  routes.get("/v1/profiles", "list_profiles", "Live profiles of the account, newest first.")
      .bearer(read, TeamAccess::member_read)
      .query<PageQuery>()
      .to<&ProfileRoutes::list>(*this);
  routes.get("/v1/profiles/trash", "list_trashed_profiles", "Profiles in the trash; each is kept for 30 days.")
      .bearer(read, TeamAccess::member_read)
      .to<&ProfileRoutes::trash>(*this);
  routes.get("/v1/profiles/{id}", "get_profile", "One live profile.").bearer(read, TeamAccess::member_read).to<&ProfileRoutes::get>(*this);
  routes.patch("/v1/profiles/{id}", "update_profile", "Edit what is sent; the rest stays.")
      .bearer(write, TeamAccess::admin_write)
      .to<&ProfileRoutes::edit>(*this);
  routes.delete_("/v1/profiles/{id}", "delete_profile", "Move a profile to the trash; its name is free at once.")
      .bearer(write, TeamAccess::admin_write)
      .to<&ProfileRoutes::move_to_trash>(*this);
  routes.post("/v1/profiles/{id}/restore", "restore_profile", "Take a profile out of the trash.")
      .bearer(write, TeamAccess::admin_write)
      .to<&ProfileRoutes::restore>(*this);
  routes.delete_("/v1/profiles/{id}/purge", "purge_profile", "Delete a trashed profile and its browser state for good.")
      .bearer(write, TeamAccess::admin_write)
      .to<&ProfileRoutes::purge>(*this);
  routes.post("/v1/profiles/{id}/trim", "trim_profile", "Drop caches and service workers from the stored browser state.")
      .bearer(write, TeamAccess::admin_write)
      .to<&ProfileRoutes::trim>(*this);

  routes.post("/v1/profiles/import", "import_profile", "Make a profile from an exported one.")
      .bearer(write, TeamAccess::admin_write)
      .keyed(Idempotency::replay)
      .to<&ProfileRoutes::import_one>(*this);
  routes.get("/v1/profiles/{id}/export", "export_profile", "The record of a profile, to be imported elsewhere; no browser state.")
      .bearer(read, TeamAccess::member_read)
      .to<&ProfileRoutes::export_one>(*this);
  routes.post("/v1/profiles/{id}/clone", "clone_profile", "A new profile with archetype and description of another.")
      .bearer(write, TeamAccess::admin_write)
      .keyed(Idempotency::replay)
      .optional_body()
      .to<&ProfileRoutes::clone>(*this);
  routes.post("/v1/profiles/{id}/launch", "launch_profile", "Start a browser on a profile; answers when it is ready.")
      .bearer(ScopeSet{Scope::write, Scope::write_sessions}, TeamAccess::admin_write, "sessions:create")
      .charges_owner()
      .keyed(Idempotency::replay)
      .optional_body()
      .success(201)
      .answers<body::Session>()
      .to<&ProfileRoutes::launch>(*this);
  routes.get("/v1/profiles/{id}/activity", "list_profile_activity", "Pages that agents opened on a profile; this server has no agents.")
      .bearer(read, TeamAccess::member_read)
      .to<&ProfileRoutes::activity>(*this);

  routes.get("/v1/account/me/organization", "get_organization", "Folders and tags that the account uses for its profiles.")
      .bearer(read, TeamAccess::member_read)
      .to<&ProfileRoutes::organization>(*this);
  routes.put("/v1/account/me/organization", "set_organization", "Replace folders and tags.")
      .bearer(write, TeamAccess::admin_write)
      .to<&ProfileRoutes::set_organization>(*this);
}

AsyncResult<body::Profile> ProfileRoutes::create(const Call& call, const Request& request, body::ProfileCreate body) {
  co_return co_await profiles_.create(call, std::move(body), request.idempotency);
}

AsyncResult<Page<body::Profile>> ProfileRoutes::list(const Call& call, const Request& request) {
  auto asked = bind_query<PageQuery>(request);
  if (!asked) co_return std::move(asked).error();
  co_return co_await profiles_.page(call, *std::move(asked));
}

AsyncResult<body::ProfileTrash> ProfileRoutes::trash(const Call& call, const Request&) { co_return co_await profiles_.trash(call); }

AsyncResult<body::Profile> ProfileRoutes::get(const Call& call, const Request& request) {
  const auto id = profile_in_path(request);
  if (!id) co_return id.error();
  co_return co_await profiles_.get(call, *id);
}

AsyncResult<body::Profile> ProfileRoutes::edit(const Call& call, const Request& request, body::ProfilePatch body) {
  const auto id = profile_in_path(request);
  if (!id) co_return id.error();
  co_return co_await profiles_.edit(call, *id, std::move(body));
}

AsyncResult<> ProfileRoutes::move_to_trash(const Call& call, const Request& request) {
  const auto id = profile_in_path(request);
  if (!id) co_return id.error();
  co_return co_await profiles_.move_to_trash(call, *id);
}

AsyncResult<body::Profile> ProfileRoutes::restore(const Call& call, const Request& request) {
  const auto id = profile_in_path(request);
  if (!id) co_return id.error();
  co_return co_await profiles_.restore(call, *id);
}

AsyncResult<> ProfileRoutes::purge(const Call& call, const Request& request) {
  const auto id = profile_in_path(request);
  if (!id) co_return id.error();
  co_return co_await profiles_.purge(call, *id);
}

AsyncResult<body::Trimmed> ProfileRoutes::trim(const Call& call, const Request& request) {
  const auto id = profile_in_path(request);
  if (!id) co_return id.error();
  co_return co_await profiles_.trim(call, *id);
}

AsyncResult<body::Profile> ProfileRoutes::clone(const Call& call, const Request& request, body::ProfileClone body) {
  const auto id = profile_in_path(request);
  if (!id) co_return id.error();
  co_return co_await copies_.clone(call, *id, std::move(body), request.idempotency);
}

AsyncResult<body::ProfileEnvelope> ProfileRoutes::export_one(const Call& call, const Request& request) {
  const auto id = profile_in_path(request);
  if (!id) co_return id.error();
  co_return co_await copies_.export_one(call, *id);
}

AsyncResult<body::Profile> ProfileRoutes::import_one(const Call& call, const Request& request, body::ProfileImport body) {
  co_return co_await copies_.import_one(call, std::move(body), request.idempotency);
}

AsyncResult<Response> ProfileRoutes::launch(const Call& call, const Request& request, body::Launch body) {
  body::SessionCreate wanted;
  wanted.profile_id = std::string(request.parameter("id"));
  wanted.label = std::move(body.label);
  wanted.proxy_id = std::move(body.proxy_id);
  wanted.proxy = std::move(body.proxy);
  auto answer = co_await creator_.create(call, std::move(wanted), request.idempotency);
  if (!answer) co_return std::move(answer).error();
  co_return Response(201, *std::move(answer));
}

AsyncResult<body::Activity> ProfileRoutes::activity(const Call& call, const Request& request) {
  const auto id = profile_in_path(request);
  if (!id) co_return id.error();
  auto profile = co_await profiles_.get(call, *id);
  if (!profile) co_return std::move(profile).error();
  co_return body::Activity();
}

AsyncResult<body::Organization> ProfileRoutes::organization(const Call& call, const Request&) {
  co_return co_await profiles_.organization(call);
}

AsyncResult<body::Organization> ProfileRoutes::set_organization(const Call& call, const Request&, body::Organization body) {
  co_return co_await profiles_.set_organization(call, std::move(body));
}

}  // namespace driftstack::sessions
